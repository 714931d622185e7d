import { storeLaws } from '@bff/store-testkit'
import { forLaws } from '@bff/test-support/sql/laws'
import BetterSqlite3 from 'better-sqlite3'
import { CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import { describe, test } from 'vitest'
import { sqliteStore as otherStore } from '../src/drivers/better-sqlite3.ts'
import { type Row, type SqlClient, sqliteStore } from '../src/index.ts'
import { sqliteFile } from './sqlite.ts'

/** As docs/guides/sql-with-kysely.md has it, for SQLite. */
const run = async (on: Kysely<unknown>, text: string, values: readonly unknown[]): Promise<Row[]> => {
  const { rows } = await on.executeQuery(CompiledQuery.raw(text, [...values]))
  return rows.map((row) => Object.values(row as object))
}

const clientOf = (db: Kysely<unknown>): SqlClient => ({
  query: (text, values) => run(db, text, values),
  batch: (statements) =>
    db.transaction().execute(async (transaction) => {
      const results: Row[][] = []
      for (const { text, values } of statements) results.push(await run(transaction, text, values))
      return results
    }),
})

describe("SQLite through the app's own Kysely", () => {
  const open = async () => {
    const { path, remove } = sqliteFile()
    // A transaction of the one takes several turns of this thread, so the other must not block it for long.
    const database = () => new BetterSqlite3(path, { timeout: 20 })
    const instances = [1, 2].map(
      () => new Kysely<unknown>({ dialect: new SqliteDialect({ database: database() }) }),
    )
    const left = [...instances]
    return forLaws({
      open: (clock) => sqliteStore({ client: clientOf(left.shift() as Kysely<unknown>), clock }),
      behind: otherStore({ path }),
      breakConnection: async () => instances[0]?.destroy(),
      async close() {
        for (const instance of instances) await instance.destroy()
        remove()
      },
    })
  }
  storeLaws({ test, harness: { open } })
})
