import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeLaws } from '@bff/store-testkit'
import { forLaws } from '@bff/test-support/sql/laws'
import { describe, expect, test } from 'vitest'
import { type NodeSqliteDatabase, sqliteStore } from '../src/drivers/node-sqlite.ts'
import { migrations } from './migrations.ts'

const found = process.getBuiltinModule('node:sqlite') as
  | { readonly DatabaseSync: new (path: string) => NodeSqliteDatabase }
  | undefined

// `pnpm test:matrix` runs these laws on the versions of Node that have the module.
if (found === undefined) {
  test('Without node:sqlite the store is refused, and the message names what to use', () => {
    expect(() => sqliteStore({ path: 'sessions.db' })).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('Node 22.13') }),
    )
  })
} else {
  const { DatabaseSync } = found
  const file = () => {
    const folder = mkdtempSync(join(tmpdir(), 'bff-sql-'))
    const path = join(folder, 'sessions.db')
    const database = new DatabaseSync(path)
    for (const statement of migrations('sqlite')) database.exec(statement)
    database.close()
    return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
  }

  describe('a file through node:sqlite', () => {
    const open = async () => {
      const { path, remove } = file()
      return forLaws({
        open: (clock) => sqliteStore({ path, synchronous: 'normal', clock }),
        behind: sqliteStore({ path }),
        close: async () => remove(),
      })
    }
    storeLaws({ test, harness: { open } })
  })

  describe("a file through the app's own database of node:sqlite", () => {
    const open = async () => {
      const { path, remove } = file()
      const own = [new DatabaseSync(path), new DatabaseSync(path)]
      const left = [...own]
      return forLaws({
        open: (clock) => sqliteStore({ client: left.shift() ?? new DatabaseSync(path), clock }),
        behind: sqliteStore({ path }),
        breakConnection: async () => own[0]?.close(),
        async close() {
          own[1]?.close()
          remove()
        },
      })
    }
    storeLaws({ test, harness: { open } })
  })
}
