import { testOptions } from '@bff/test-support/options'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { sqliteTable } from 'drizzle-orm/sqlite-core'
import { afterAll } from 'vitest'
import { limitCases, tablesOf } from '../../../store-sql/test/options/common.ts'
import {
  type SqliteStoreOptions,
  sessionColumns,
  sessionIndexes,
  sqliteStore,
  ttlColumns,
} from '../../src/sqlite/index.ts'
import { migrations } from '../migrations.ts'
import { sqliteFile } from '../sqlite.ts'

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

function writtenTo(options: SqliteStoreOptions): Promise<string[]> {
  const empty = (table: string) => behind.prepare(`delete from ${table}`).run().changes
  return tablesOf(sqliteStore(options), [...TABLES, ...OTHER_TABLES], empty)
}

async function lock() {
  behind.exec('begin immediate')
  return async () => behind.exec('rollback')
}

testOptions<SqliteStoreOptions>('SqliteStoreOptions', {
  ...limitCases((options) => sqliteStore({ path, ...options }), lock),
  db: {
    set: drizzle({ client: own }),
    see: (options) => writtenTo(options.db ? options : { path }),
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
  tables: {
    set: {
      sessions: sqliteTable('my_sessions', sessionColumns(), (t) => sessionIndexes(t, 'my_sessions')),
      ttl: sqliteTable('my_ttl', ttlColumns()),
    },
    see: (options) => writtenTo({ path, ...options }),
    shows: [usual, ['main.my_sessions', 'main.my_ttl']],
  },
})
