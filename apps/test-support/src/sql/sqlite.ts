import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stores } from '@bff/core'
import BetterSqlite3 from 'better-sqlite3'
import { tablesOf } from './options.ts'

const TABLES = ['main.bff_sessions', 'main.bff_ttl', 'main.my_sessions', 'main.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']

/** A file with the tables in it, and what removes it. */
export function sqliteFile(
  migrations: readonly string[],
  journal: 'wal' | 'delete' = 'wal',
): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'bff-sqlite-'))
  const path = join(folder, 'sessions.db')
  const client = new BetterSqlite3(path)
  client.pragma(`journal_mode = ${journal}`)
  for (const statement of migrations) client.exec(statement)
  client.close()
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Two files for the options of stores: the first has the tables also under the names `my_`. */
export function sqliteForOptions(migrations: readonly string[]) {
  const [file, otherFile] = [sqliteFile(migrations), sqliteFile(migrations)]
  const behind = new BetterSqlite3(file.path)
  behind.prepare('attach ? as other').run(otherFile.path)
  for (const statement of migrations) behind.exec(statement.replaceAll('bff_', 'my_'))
  const other = new BetterSqlite3(otherFile.path)
  const empty = (table: string) => behind.prepare(`delete from ${table}`).run().changes

  return {
    path: file.path,
    otherPath: otherFile.path,
    /** The app's own client of the other file. */
    other,
    tables: {
      usual: ['main.bff_sessions', 'main.bff_ttl'],
      own: ['main.my_sessions', 'main.my_ttl'],
      other: OTHER_TABLES,
    },
    writtenTo: (stores: Stores) => tablesOf(stores, [...TABLES, ...OTHER_TABLES], empty),
    /** Keeps all from writing small values, until what it resolves to is called. */
    async lock() {
      behind.exec('begin immediate')
      return async () => behind.exec('rollback')
    },
    /** The setting of `synchronous` with which the first file is written to: 2 is full, 1 is normal. */
    async synchronousOf(write: () => Promise<unknown>): Promise<unknown> {
      // A trigger runs on the connection of the store, and so with its setting.
      behind.exec(`
        create table seen (synchronous integer);
        create trigger spy after insert on bff_ttl begin
          insert into seen select synchronous from pragma_synchronous;
        end`)
      await write()
      const seen = behind.prepare('select synchronous from seen').pluck().get()
      behind.exec('drop trigger spy; drop table seen')
      return seen
    },
    close() {
      for (const client of [behind, other]) client.close()
      for (const { remove } of [file, otherFile]) remove()
    },
  }
}
