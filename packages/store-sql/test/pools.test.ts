import { type Server, startMariadb, startPostgres } from '@bff/servers'
import { storeLaws } from '@bff/store-testkit'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { forLaws } from '@bff/test-support/sql/laws'
import { createPool } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mysqlStore } from '../src/drivers/mysql2.ts'
import { postgresStore } from '../src/drivers/postgres.ts'
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
