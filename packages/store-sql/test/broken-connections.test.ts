import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handle } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import BetterSqlite3 from 'better-sqlite3'
import type { Pool } from 'mysql2/promise'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { sqliteStore as betterSqlite3Store } from '../src/drivers/better-sqlite3.ts'
import { sqliteStore as libsqlStore } from '../src/drivers/libsql.ts'
import { mysqlStore } from '../src/drivers/mysql2.ts'
import { sqliteStore as nodeSqliteStore } from '../src/drivers/node-sqlite.ts'

const one = handle('one')

afterEach(() => vi.restoreAllMocks())

/** A pool whose only connection breaks at the first statement of a transaction. */
function breakingPool() {
  const ends: string[] = []
  const connection = {
    async query(statement: string | object) {
      if (statement === 'begin') return [[]]
      // What mysql2 says of a connection that is gone, without a code.
      if (statement === 'rollback')
        throw new Error("Can't add new command when connection is in closed state")
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    },
    destroy: () => ends.push('destroy'),
    release: () => ends.push('release'),
  }
  return { pool: { getConnection: async () => connection } as unknown as Pool, ends }
}

test('A connection of mysql2 that breaks in a transaction is named as the cause, and does not go back to the pool', async () => {
  const { pool, ends } = breakingPool()
  const { sessions } = mysqlStore({ client: pool })
  await expect(sessions.update(one, { updatedAt: START }, 1)).rejects.toMatchObject({
    code: 'store_unavailable',
    cause: { code: 'ECONNRESET' },
  })
  expect(ends[0]).toBe('destroy')
})

test('A write that waited for a connection of mysql2 until its caller got an error is not sent after that [STO-16]', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const sent: unknown[] = []
  const ends: string[] = []
  const connection = {
    async query(statement: { readonly sql: string }) {
      sent.push(statement.sql)
      return [{ affectedRows: 1 }]
    },
    release: () => ends.push('release'),
  }
  let free = () => {}
  const getConnection = () =>
    new Promise<typeof connection>((resolve) => {
      free = () => resolve(connection)
    })
  // As the pool of mysql2 does.
  const query = async (statement: { readonly sql: string }) => (await getConnection()).query(statement)
  const { ttl } = mysqlStore({
    client: { getConnection, query } as unknown as Pool,
    operationTimeoutMs: 1000,
  })
  const late = expect(ttl.set('key', 'value', 60_000)).rejects.toMatchObject({ code: 'store_unavailable' })
  await vi.advanceTimersByTimeAsync(1000)
  await late
  free()
  await vi.advanceTimersByTimeAsync(1)
  expect(sent).toEqual([])
  expect(ends).toEqual(['release'])
})

test('A write that waited for its turn on libsql until its caller got an error is not sent after that [STO-16]', async () => {
  const sent: string[] = []
  let hold = async () => {}
  const client = {
    async execute(statement: string | { readonly sql: string }) {
      if (typeof statement === 'object') sent.push(statement.sql)
      await hold()
      return { columns: [], rows: [] }
    },
    close() {},
  }
  vi.doMock('@libsql/client', () => ({ createClient: () => client }))
  onTestFinished(() => void vi.doUnmock('@libsql/client'))
  const { ttl } = libsqlStore({ path: ':memory:', operationTimeoutMs: 1000 })
  await ttl.get('opens')
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let free = () => {}
  hold = () =>
    new Promise((resolve) => {
      free = resolve
    })
  const calls = [ttl.get('slow'), ttl.set('key', 'value', 60_000)]
  const late = calls.map((call) => expect(call).rejects.toMatchObject({ code: 'store_unavailable' }))
  await vi.advanceTimersByTimeAsync(1000)
  await Promise.all(late)
  free()
  await vi.advanceTimersByTimeAsync(1)
  expect(sent.filter((statement) => statement.startsWith('insert'))).toEqual([])
  expect(sent.length).toBe(2)
})

test('A file that is no database is closed again by better-sqlite3', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-sql-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'sessions.db')
  writeFileSync(path, 'This is a text, and longer than the header of a database.'.repeat(20))
  const close = vi.spyOn(BetterSqlite3.prototype, 'close')
  const { sessions } = betterSqlite3Store({ path })
  await expect(sessions.get(one)).rejects.toMatchObject({ cause: { code: 'SQLITE_NOTADB' } })
  expect(close).toHaveBeenCalledTimes(1)
})

test('A file that another process locks while node:sqlite opens it is closed, and opened again', async () => {
  let opened = 0
  let closed = 0
  class DatabaseSync {
    readonly #isLocked = ++opened === 1
    prepare(text: string) {
      const all = () => {
        if (this.#isLocked && text.includes('journal_mode'))
          throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 })
        return []
      }
      return { all }
    }
    exec() {}
    close() {
      closed++
    }
  }
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ DatabaseSync } as never)
  const { sessions } = nodeSqliteStore({ path: ':memory:' })
  expect(await sessions.get(one)).toBeNull()
  expect({ opened, closed }).toEqual({ opened: 2, closed: 1 })
  await sessions.close()
})
