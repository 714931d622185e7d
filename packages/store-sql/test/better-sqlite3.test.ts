import { storeLaws } from '@bff/store-testkit'
import { forLaws } from '@bff/test-support/sql/laws'
import BetterSqlite3 from 'better-sqlite3'
import { describe, test } from 'vitest'
import { sqliteStore } from '../src/drivers/better-sqlite3.ts'
import { sqliteFile } from './sqlite.ts'

describe("SQLite through the app's own better-sqlite3", () => {
  const open = async () => {
    const { path, remove } = sqliteFile()
    const client = new BetterSqlite3(path)
    return forLaws({
      open: (clock) => sqliteStore({ client, clock }),
      behind: sqliteStore({ path }),
      breakConnection: async () => void client.close(),
      async close() {
        client.close()
        remove()
      },
    })
  }
  storeLaws({ test, harness: { open } })
})
