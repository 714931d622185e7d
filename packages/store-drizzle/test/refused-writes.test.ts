import { type OpenStores, type RefusedWriteHarness, refusedWriteLaws } from '@bff/store-testkit'
import { manualClock } from '@bff/test-support/clock'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { sqliteStore } from '../src/sqlite/index.ts'
import { migrateMysql, openMysql, openOnOwnMysql } from './mysql.ts'
import { migratePostgres, openOnNodePostgres, openPostgres, startPglite } from './postgres.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

const TABLES = ['bff_sessions', 'bff_ttl']

describe('SQLite: a reader in rollback-journal mode, which lets no commit through', () => {
  const harness: RefusedWriteHarness = {
    async open() {
      const file = sqliteFile('delete')
      const clock = manualClock()
      const client = new BetterSqlite3(file.path, { timeout: 1 })
      const stores = sqliteStore({ db: drizzle({ client }), clock })
      const behind = sqliteStore({ db: drizzle({ client: new BetterSqlite3(file.path) }) })
      const reader = new BetterSqlite3(file.path)
      return {
        stores,
        now: clock.now,
        advance: async (ms) => clock.jump(ms),
        peek: (handle) => behind.sessions.get(handle),
        async refuseWrites() {
          reader.exec('begin')
          reader.prepare('select count(*) from bff_sessions').get()
        },
        acceptWrites: async () => void reader.exec('rollback'),
        async close() {
          await stores.sessions.close()
          for (const connection of [client, reader]) connection.close()
          file.remove()
        },
      }
    },
  }
  refusedWriteLaws({ test, harness })
})

describe('Postgres: a deferred trigger, which fails each commit', () => {
  let server: Server
  let pglite: Awaited<ReturnType<typeof startPglite>>
  beforeAll(async () => {
    ;[server, pglite] = await Promise.all([startPostgres(), startPglite()])
    await migratePostgres(server.url)
  })
  afterAll(() => Promise.all([server.stop(), pglite.stop()]))

  const onServer = (open: (url: string) => Promise<OpenStores>): RefusedWriteHarness => ({
    async open() {
      const opened = await open(server.url)
      const client = postgres(server.url, { max: 1, onnotice: () => {} })
      const close = () => Promise.all([opened.close(), client.end()]).then(() => {})
      return { ...opened, close, ...failingCommits((statement) => client.unsafe(statement)) }
    },
  })
  describe('postgres.js', () => refusedWriteLaws({ test, harness: onServer(openPostgres) }))
  describe('node-postgres', () => refusedWriteLaws({ test, harness: onServer(openOnNodePostgres) }))
  describe('PGlite', () => {
    const harness: RefusedWriteHarness = {
      open: async () => ({
        ...(await pglite.open()),
        ...failingCommits((statement) => pglite.exec(statement)),
      }),
    }
    refusedWriteLaws({ test, harness })
  })
})

/** 53100 is what Postgres says of a full disk. */
function failingCommits(exec: (statement: string) => Promise<unknown>) {
  return {
    async refuseWrites() {
      await exec(`create or replace function refuse() returns trigger language plpgsql
        as $$ begin raise exception 'refused' using errcode = '53100'; end $$`)
      for (const table of TABLES) {
        await exec(`create constraint trigger refuse after insert or update or delete on ${table}
          deferrable initially deferred for each row execute function refuse()`)
      }
    },
    async acceptWrites() {
      for (const table of TABLES) await exec(`drop trigger refuse on ${table}`)
    },
  }
}

describe('MariaDB: a trigger that fails each write', () => {
  let server: Server
  let url: string
  beforeAll(async () => {
    server = await startMariadb()
    url = await migrateMysql(server.url)
  })
  afterAll(() => server.stop())

  const onServer = (open: (url: string) => Promise<OpenStores>): RefusedWriteHarness => ({
    async open() {
      const opened = await open(url)
      const client = await createConnection(url)
      const events = TABLES.flatMap((table) => ['insert', 'update', 'delete'].map((event) => [event, table]))
      return {
        ...opened,
        async refuseWrites() {
          for (const [event, table] of events) {
            await client.query(`create trigger refuse_${event}_${table} before ${event} on ${table}
              for each row signal sqlstate '45000'`)
          }
        },
        async acceptWrites() {
          for (const [event, table] of events) await client.query(`drop trigger refuse_${event}_${table}`)
        },
        async close() {
          await Promise.all([opened.close(), client.end()])
        },
      }
    },
  })
  describe('a pool of the store', () => refusedWriteLaws({ test, harness: onServer(openMysql) }))
  describe("the app's own pool", () => refusedWriteLaws({ test, harness: onServer(openOnOwnMysql) }))
})
