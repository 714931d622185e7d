import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { migrations } from './migrations.ts'

/** A file with the tables in it, and what removes it. */
export function sqliteFile(journal: 'wal' | 'delete' = 'wal'): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'bff-sql-'))
  const path = join(folder, 'sessions.db')
  const client = new BetterSqlite3(path)
  client.pragma(`journal_mode = ${journal}`)
  for (const statement of migrations('sqlite')) client.exec(statement)
  client.close()
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
