import { type Server, startMariadb, startPostgres } from '@bff/servers'
import { storeLaws } from '@bff/store-testkit'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { forLaws } from '@bff/test-support/sql/laws'
import { createPool } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mysqlStore } from '../src/drivers/mysql2.ts'
import { postgresStore } from '../src/drivers/postgres.ts'
import { LOCK_SPACE } from '../src/postgres/dialect.ts'
import { RUNS_ALL } from './drivers.ts'
import { migrateMysql, migratePostgres } from './servers.ts'

let pg: Server
let mariadb: Server
let mysqlUrl: string
beforeAll(async () => {
  ;[pg, mariadb] = await Promise.all([startPostgres(), startMariadb()])
  await migratePostgres(pg.url)
  mysqlUrl = await migrateMysql(mariadb.url)
})
afterAll(() => Promise.all([pg.stop(), mariadb.stop()]))

test("the app's own client of postgres.js may rename columns and parse times in its own way", async () => {
  const client = postgres(pg.url, {
    transform: postgres.camel,
    types: { time: { to: 1184, from: [1184], serialize: String, parse: (text: string) => new Date(text) } },
  })
  const { sessions, check } = postgresStore({ client })
  await check()
  const record = session(START, { handle: handle('own'), metadata: { theme: 'dark' } })
  await sessions.create(record, { maxPerUser: 1 })
  expect(await sessions.get(record.handle)).toEqual(record)
  await sessions.close()
  expect(await client`select 1 as one`).toEqual([{ one: 1 }])
  await client.end()
})

describe("the store's own pool of postgres.js", () => {
  function open(poolSize: number) {
    const admin = postgres(pg.url, { max: 1, onnotice: () => {} })
    const { sessions } = postgresStore({ url: pg.url, poolSize })
    onTestFinished(async () => {
      await sessions.close()
      await admin.end()
    })
    return { admin, sessions }
  }

  test('opens no second connection for calls one after another', async () => {
    const { admin, sessions } = open(4)
    const pids = async () =>
      (await admin`select pid from pg_stat_activity where application_name = 'bff'`).map(({ pid }) => pid)
    const before = await pids()
    for (let call = 0; call < 3; call++) await sessions.get(handle('none'))
    expect((await pids()).filter((pid) => !before.includes(pid))).toHaveLength(1)
  })

  test('lets no query wait for a transaction while a connection has none', async () => {
    const { admin, sessions } = open(2)
    const record = session(START, { handle: handle('waits') })
    await admin`select pg_advisory_lock(${LOCK_SPACE}, hashtext(${record.userId}))`
    const created = sessions.create(record, { maxPerUser: 1 })
    const found = await Promise.all(Array.from({ length: 4 }, () => sessions.get(record.handle)))
    expect(found).toEqual([null, null, null, null])
    await admin`select pg_advisory_unlock_all()`
    await created
    expect(await sessions.get(record.handle)).toEqual(record)
  })
})

test("the app's own pool of mysql2 may return large numbers as text", async () => {
  const client = createPool({ uri: mysqlUrl, supportBigNumbers: true, bigNumberStrings: true })
  const { sessions, check } = mysqlStore({ client })
  await check()
  const record = session(START, { handle: handle('own'), metadata: { theme: 'dark' } })
  await sessions.create(record, { maxPerUser: 1 })
  expect(await sessions.get(record.handle)).toEqual(record)
  expect(await sessions.countActive({ userId: record.userId }, START)).toBe(1)
  await sessions.close()
  await client.query('select 1')
  await client.end()
})

// Each commit runs these laws through @bff/store-drizzle, which hands its driver on to the same entries.
if (RUNS_ALL) {
  describe('Postgres through postgres.js', () => {
    const open = async () => {
      const admin = postgres(pg.url, { max: 1, onnotice: () => {} })
      await admin`truncate bff_sessions, bff_ttl`
      await admin.end()
      return forLaws({
        open: (clock) => postgresStore({ url: pg.url, clock }),
        behind: postgresStore({ url: pg.url }),
        carriesEvents: true,
        close: async () => {},
      })
    }
    storeLaws({ test, harness: { open } })
  })

  describe('MariaDB through mysql2', () => {
    const open = async () => {
      const admin = createPool({ uri: mysqlUrl, connectionLimit: 1 })
      for (const table of ['bff_sessions', 'bff_ttl']) await admin.query(`delete from ${table}`)
      await admin.end()
      return forLaws({
        open: (clock) => mysqlStore({ url: mysqlUrl, clock }),
        behind: mysqlStore({ url: mysqlUrl }),
        close: async () => {},
      })
    }
    storeLaws({ test, harness: { open } })
  })
}
