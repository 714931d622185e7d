import { testOptions } from '@bff/test-support/options'
import { sqliteForOptions } from '@bff/test-support/sql/sqlite'
import BetterSqlite3, { type Database } from 'better-sqlite3'
import { afterAll } from 'vitest'
import { type FileOptions, sqliteStore } from '../../src/drivers/better-sqlite3.ts'
import { type PortOptions, type Row, type SqlClient, sqliteStore as storeOverPort } from '../../src/index.ts'
import { migrations } from '../migrations.ts'
import { commonCases } from './common.ts'

const files = sqliteForOptions(migrations('sqlite'))
const { path, otherPath, other, tables, lock, synchronousOf } = files
const { usual } = tables
afterAll(() => files.close())

const writtenTo = (options: FileOptions<Database>) => files.writtenTo(sqliteStore(options))

testOptions<FileOptions<Database>>('FileOptions', {
  ...commonCases(
    (options) => sqliteStore({ path, ...options }),
    lock,
    tables,
    (options) => writtenTo({ path, ...options }),
  ),
  client: {
    set: other,
    see: (options) => writtenTo(options.client ? options : { path }),
    shows: [usual, tables.other],
  },
  path: { instead: path, set: otherPath, see: writtenTo, shows: [usual, tables.other] },
  synchronous: {
    set: 'normal',
    see: (options) => synchronousOf(() => writtenTo({ path, ...options })),
    shows: [2, 1],
  },
})

/** A client of an app's own on one of the files. */
function portTo(database: Database): SqlClient {
  const query = (text: string, values: readonly unknown[]) => {
    const statement = database.prepare(text)
    if (statement.reader) return statement.raw().all(...values) as Row[]
    statement.run(...values)
    return []
  }
  return {
    query,
    batch: (statements) =>
      database.transaction(() => statements.map(({ text, values }) => query(text, values))).immediate(),
  }
}

const onFile = new BetterSqlite3(path, { timeout: 10 })
afterAll(() => void onFile.close())
const client = portTo(onFile)

testOptions<PortOptions<SqlClient>>('PortOptions', {
  ...commonCases(
    (options) => storeOverPort({ client, ...options }),
    lock,
    tables,
    (options) => files.writtenTo(storeOverPort({ client, ...options })),
  ),
  client: {
    instead: client,
    set: portTo(other),
    see: (options) => files.writtenTo(storeOverPort({ client: options.client ?? client })),
    shows: [usual, tables.other],
  },
})
