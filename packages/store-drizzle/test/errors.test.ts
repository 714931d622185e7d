import { statSync } from 'node:fs'
import { inspect } from 'node:util'
import { type BffError, isBffError } from '@bff/core'
import { fullSession, HOUR, handle, revocation } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { DatabaseError, type DrizzleStores, sqliteStore } from '../src/sqlite/index.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

let pg: Server
let mariadb: Server
let mysqlUrl: string

beforeAll(async () => {
  ;[pg, mariadb] = await Promise.all([startPostgres(), startMariadb()])
  await migratePostgres(pg.url)
  mysqlUrl = await migrateMysql(mariadb.url)
})
afterAll(() => Promise.all([pg.stop(), mariadb.stop()]))

describe('an error tells nothing of a record, wherever one looks [SS-24]', () => {
  const record = fullSession(START, { userId: 'the-user-id', secretHash: 'the-hash'.repeat(50) })
  const expectRefused = async (store: DrizzleStores, code: string) => {
    const error = await failure(store.sessions.create(record))
    expect(error.code).toBe('invalid_argument')
    expect(error.cause).toBeInstanceOf(DatabaseError)
    expect(error.cause).toMatchObject({ code })
    expectSilent(error)
    await store.sessions.close()
  }

  test('a value too long for Postgres', () => expectRefused(postgresStore({ url: pg.url }), '22001'))
  test('a value too long for MariaDB', () => expectRefused(mysqlStore({ url: mysqlUrl }), 'ER_DATA_TOO_LONG'))

  test('a missing table', async () => {
    const none = new URL('/postgres?', pg.url)
    const sql = postgres(none.href, { max: 1, onnotice: () => {} })
    await sql`create database empty`
    await sql.end()
    none.pathname = '/empty'
    const store = postgresStore({ url: none.href })
    const error = await failure(store.sessions.create(fullSession(START, { userId: 'the-user-id' })))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('check()') })
    expect(error.cause).toMatchObject({ code: '42P01', severity: 'ERROR' })
    expectSilent(error)
    await store.sessions.close()
  })

  test('a SQLite file that is none, or cannot be opened', async () => {
    const { path, remove } = sqliteFile()
    for (const broken of [`${path}/nowhere`, '/dev/null']) {
      const store = sqliteStore({ path: broken })
      const error = await failure(store.sessions.get(handle('the-hash')))
      expect(error.code).toBe('store_unavailable')
      expectSilent(error)
      await store.sessions.close()
    }
    remove()
  })

  function expectSilent(error: BffError): void {
    const everything = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)
    expect(everything).not.toMatch(/the-user-id|the-hash|params|insert into/)
  }
})

describe('calls are bounded in time and number [STO-16]', () => {
  test('a call that waits for a lock gives up in time; the store goes on', async () => {
    const store = postgresStore({ url: pg.url, operationTimeoutMs: 300 })
    await store.sessions.create(fullSession(START, { handle: handle('locked') }))
    const sql = postgres(pg.url, { max: 1 })
    await sql.begin(async (tx) => {
      await tx`select 1 from bff_sessions where id = ${handle('locked')} for update`
      const error = await failure(store.sessions.revoke(handle('locked'), revocation(START)))
      expect(error.code).toBe('store_unavailable')
    })
    await sql.end()
    expect(await store.sessions.revoke(handle('locked'), revocation(START))).not.toBeNull()
    await store.sessions.close()
  })

  test('past maxPending calls fail at once', async () => {
    const store = postgresStore({ url: pg.url, maxPending: 2 })
    const calls = await Promise.allSettled([1, 2, 3, 4].map((name) => store.sessions.get(handle(name))))
    expect(calls.map((call) => call.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(await store.sessions.get(handle('later'))).toBeNull()
    await store.sessions.close()
  })

  test('a backend killed in the middle of a call: a typed error, then all is back', async () => {
    const store = postgresStore({ url: pg.url })
    await store.sessions.create(fullSession(START, { handle: handle('killed') }))
    const sql = postgres(pg.url, { max: 2, onnotice: () => {} })
    await sql
      .begin(async (tx) => {
        await tx`select 1 from bff_sessions where id = ${handle('killed')} for update`
        const call = failure(store.sessions.revoke(handle('killed'), revocation(START)))
        let victim: number | undefined
        while (victim === undefined) {
          const waiting = await sql`select pid from pg_stat_activity where wait_event_type = 'Lock'`
          victim = waiting[0]?.['pid']
        }
        process.kill(victim, 'SIGKILL')
        expect((await call).code).toBe('store_unavailable')
      })
      .catch(() => 'Postgres ends all its backends when one of them crashes')
    await sql.end({ timeout: 0 })
    let outcome = null
    while (outcome === null) {
      outcome = await store.sessions.revoke(handle('killed'), revocation(START + 1)).catch(() => null)
    }
    expect(outcome.outcome).toBe('revoked')
    await store.sessions.close()
  })
})

describe('SQLite', () => {
  test('waits for another writer, and gives up in time when that never ends [STO-12]', async () => {
    const { path, remove } = sqliteFile()
    const store = sqliteStore({ path, operationTimeoutMs: 2_000 })
    const other = new BetterSqlite3(path)
    other.exec('begin immediate')
    const waiting = store.sessions.create(fullSession(START), { maxPerUser: 1 })
    setTimeout(() => other.exec('commit'), 20)
    expect(await waiting).toEqual({ evicted: [] })
    other.exec('begin immediate')
    expect((await failure(store.sessions.delete(handle('session')))).code).toBe('store_unavailable')
    other.exec('rollback')
    expect(await store.sessions.delete(handle('session'))).toBe(true)
    other.close()
    await store.sessions.close()
    remove()
  })

  test('opens in WAL, readable by its owner only', async () => {
    const { path, remove } = sqliteFile()
    const fresh = `${path}.fresh`
    const store = sqliteStore({ path: fresh })
    await store.sessions.ping()
    expect(statSync(fresh).mode & 0o777).toBe(0o600)
    await store.sessions.close()
    expect(new BetterSqlite3(fresh).pragma('journal_mode', { simple: true })).toBe('wal')
    remove()
  })
})

test('options that make no sense are refused', () => {
  const db = drizzle({ client: new BetterSqlite3(':memory:') })
  const wrong = [
    () => sqliteStore({}),
    () => sqliteStore({ path: '' }),
    () => sqliteStore({ db, path: 'x' }),
    () => postgresStore({}),
    () => mysqlStore({}),
    () => postgresStore({ url: 'postgres://localhost', poolSize: 0 }),
    () => mysqlStore({ url: 'mysql://localhost', poolSize: 1.5 }),
    () => sqliteStore({ db, operationTimeoutMs: 0 }),
    () => sqliteStore({ db, maxPending: Number.NaN }),
  ]
  for (const call of wrong) expect(call).toThrow(expect.objectContaining({ code: 'invalid_config' }))
})

test.each([
  [sqliteStore, { path: '' }, /^sqliteStore: path is empty\. Set it, or its environment variable/],
  [postgresStore, { url: '' }, /^postgresStore: url is empty\. Set it, or its environment variable/],
  [
    postgresStore,
    {},
    /^postgresStore: url and db are missing\. Set one of them, or its environment variable/,
  ],
  [mysqlStore, { url: ' ' }, /^mysqlStore: url is empty\. Set it, or its environment variable/],
])('%o refuses %o and says that it is empty or missing', (open, options, message) => {
  expect(() => open(options)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
  )
})

test.each([
  [sqliteStore, { path: 'x', synchronus: 'normal' }, /synchronus of sqliteStore\. .*synchronous/],
  [postgresStore, { url: 'postgres://localhost', poolsize: 5 }, /poolsize of postgresStore\. .*poolSize/],
  [mysqlStore, { url: 'mysql://localhost', channel: 'x' }, /channel of mysqlStore\. .*operationTimeoutMs/],
])('%o refuses an option there is not, and names the known ones: %o', (open, options, message) => {
  expect(() => open(options)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
  )
})

test('dead values are swept by writes, so they cannot pile up', async () => {
  const { path, remove } = sqliteFile()
  let now = START
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
  const store = sqliteStore({ path, clock })
  for (let index = 0; index < 320; index++) {
    await store.ttl.set(`key${index}`, 'value', HOUR)
    now += HOUR
  }
  const left = new BetterSqlite3(path).prepare('select count(*) as n from bff_ttl').get()
  expect(left).toEqual({ n: expect.closeTo(16, -2) })
  await store.sessions.close()
  remove()
})

async function failure(call: Promise<unknown>): Promise<BffError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!isBffError(error)) throw new Error(`A BffError was expected, not ${inspect(error)}`)
  return error
}
