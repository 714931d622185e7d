import { testOptions } from '@bff/test-support/options'
import BetterSqlite3, { type Database } from 'better-sqlite3'
import { afterAll } from 'vitest'
import { type FileOptions, sqliteStore } from '../../src/drivers/better-sqlite3.ts'
import { type PortOptions, type Row, type SqlClient, sqliteStore as storeOverPort } from '../../src/index.ts'
import { migrations } from '../migrations.ts'
import { sqliteFile } from '../sqlite.ts'
import { commonCases, tablesOf } from './common.ts'

const [file, otherFile] = [sqliteFile(), sqliteFile()]
const { path } = file
const behind = new BetterSqlite3(path)
behind.prepare('attach ? as other').run(otherFile.path)
for (const statement of migrations('sqlite')) behind.exec(statement.replaceAll('bff_', 'my_'))
const own = new BetterSqlite3(otherFile.path)

afterAll(() => {
  for (const client of [behind, own]) client.close()
  for (const { remove } of [file, otherFile]) remove()
})

const TABLES = ['main.bff_sessions', 'main.bff_ttl', 'main.my_sessions', 'main.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']
const usual = ['main.bff_sessions', 'main.bff_ttl']
const renamed = { usual, own: ['main.my_sessions', 'main.my_ttl'] }

const empty = (table: string) => behind.prepare(`delete from ${table}`).run().changes
const writtenTo = (options: FileOptions<Database>) =>
  tablesOf(sqliteStore(options), [...TABLES, ...OTHER_TABLES], empty)

async function lock() {
  behind.exec('begin immediate')
  return async () => behind.exec('rollback')
}

testOptions<FileOptions<Database>>('FileOptions', {
  ...commonCases(
    (options) => sqliteStore({ path, ...options }),
    lock,
    renamed,
    (options) => writtenTo({ path, ...options }),
  ),
  client: {
    set: own,
    see: (options) => writtenTo(options.client ? options : { path }),
    shows: [usual, OTHER_TABLES],
  },
  path: { instead: path, set: otherFile.path, see: writtenTo, shows: [usual, OTHER_TABLES] },
  synchronous: {
    set: 'normal',
    // A trigger runs on the connection of the store, and so with its setting: 2 is full, 1 is normal.
    async see(options) {
      behind.exec(`
        create table seen (synchronous integer);
        create trigger spy after insert on bff_ttl begin
          insert into seen select synchronous from pragma_synchronous;
        end`)
      await writtenTo({ path, ...options })
      const seen = behind.prepare('select synchronous from seen').pluck().get()
      behind.exec('drop trigger spy; drop table seen')
      return seen
    },
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
    renamed,
    (options) => tablesOf(storeOverPort({ client, ...options }), [...TABLES, ...OTHER_TABLES], empty),
  ),
  client: {
    instead: client,
    set: portTo(own),
    see: (options) =>
      tablesOf(storeOverPort({ client: options.client ?? client }), [...TABLES, ...OTHER_TABLES], empty),
    shows: [usual, OTHER_TABLES],
  },
})
