import { handle } from '@bff/store-testkit/fixtures'
import { redisStore } from '../src/index.ts'

const [url = ''] = process.argv.slice(2)
const { sessions, events } = redisStore({ url, operationTimeoutMs: 5000 })
await events.subscribe('auth.logout', () => {})
process.stdout.write(String(await sessions.get(handle('any'))))
