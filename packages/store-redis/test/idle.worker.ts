import { once } from 'node:events'
import { handle } from '@bff/store-testkit/fixtures'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'

interface Task {
  readonly options: RedisStoreOptions
  readonly closes: boolean
}

const [task = ''] = process.argv.slice(2)
const { options, closes }: Task = JSON.parse(task)
const { sessions, events } = redisStore({ operationTimeoutMs: 5000, ...options })
await events.subscribe('auth.logout', () => {})
process.stdout.write(String(await sessions.get(handle('any'))))
// Busy until the test says so: then there is nothing more to do.
await once(process.stdin.resume(), 'end')
if (closes) await sessions.close()
