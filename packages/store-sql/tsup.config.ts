import { library } from '../../tsup.base.ts'

const drivers = [
  'pg',
  'postgres',
  'mysql2',
  'better-sqlite3',
  'node-sqlite',
  'libsql',
  'd1',
  'durable-objects',
]

export default library({
  entry: Object.fromEntries([
    ['index', 'src/index.ts'],
    ...drivers.map((driver) => [driver, `src/drivers/${driver}.ts`]),
  ]),
})
