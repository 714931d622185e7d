import { once } from 'node:events'
import { handle } from '@bff/store-testkit/fixtures'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'

const [url = '', how] = process.argv.slice(2)
const { sessions, events } = url.startsWith('mysql') ? mysqlStore({ url }) : postgresStore({ url })
await events.subscribe('auth.logout', () => {})
process.stdout.write(String(await sessions.get(handle('any'))))
// Busy until the test says so: then there is nothing more to do.
await once(process.stdin.resume(), 'end')
if (how === 'closed') await sessions.close()
