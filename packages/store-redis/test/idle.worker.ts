import { once } from 'node:events'
import { handle } from '@bff/store-testkit/fixtures'
import type { RedisStoreOptions } from '../src/index.ts'
import { LIBRARIES } from './libraries.ts'

interface Task {
  readonly library: string
  readonly options: RedisStoreOptions
  readonly closes: boolean
}

const [task = ''] = process.argv.slice(2)
const { library, options, closes }: Task = JSON.parse(task)
const { redisStore } = LIBRARIES.find((one) => one.library === library) ?? LIBRARIES[0]
const { sessions, events } = redisStore({ operationTimeoutMs: 5000, ...options })
await events.subscribe('auth.logout', () => {})
process.stdout.write(String(await sessions.get(handle('any'))))
// Busy until the test says so: then there is nothing more to do.
await once(process.stdin.resume(), 'end')
if (closes) await sessions.close()
