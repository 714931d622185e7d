import { BffError } from '@bff/core'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { createConnection, createPool } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { sqliteStore } from '../src/sqlite/index.ts'
import { migrations } from './migrations.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'

let pg: Server
let mariadb: Server

beforeAll(async () => {
  ;[pg, mariadb] = await Promise.all([startPostgres(), startMariadb()])
})
afterAll(() => Promise.all([pg.stop(), mariadb.stop()]))

/** What is done to a whole schema, and what `check()` then says. */
const DAMAGES: readonly (readonly [statements: Readonly<Record<Engine, string[]>>, says: RegExp])[] = [
  [all('drop table bff_ttl'), /^The table bff_ttl is missing\. Apply the migrations in drizzle\/\w+ of/],
  [
    {
      ...all(
        'alter table bff_sessions drop column device_id',
        'alter table bff_sessions drop column user_agent',
      ),
    },
    /^The table bff_sessions has no columns device_id, user_agent\./,
  ],
  [
    {
      ...all('drop index idx_bff_sessions_organization_id'),
      mysql: ['drop index idx_bff_sessions_organization_id on bff_sessions'],
    },
    /^The table bff_sessions has no index on \(organization_id, created_at, id\)\./,
  ],
  [
    {
      postgres: ['alter table bff_ttl drop constraint bff_ttl_pkey'],
      mysql: ['alter table bff_ttl drop primary key'],
      sqlite: [
        'drop table bff_ttl',
        'create table bff_ttl (key text not null, value text not null, expires_at integer not null)',
      ],
    },
    /^The table bff_ttl has no primary key or unique index on key\./,
  ],
]
type Engine = 'postgres' | 'mysql' | 'sqlite'

function all(...statements: string[]): Record<Engine, string[]> {
  return { postgres: statements, mysql: statements, sqlite: statements }
}

describe('check() accepts the shipped migrations, and says what a schema lacks [S2-7]', () => {
  test('Postgres', async () => {
    const sql = postgres(pg.url, { max: 1, onnotice: () => {} })
    const store = postgresStore({ url: pg.url })
    for (const [damage, says] of DAMAGES) {
      await sql`drop table if exists bff_sessions, bff_ttl`
      for (const statement of migrations('postgres')) await sql.unsafe(statement)
      await store.check()
      for (const statement of damage.postgres) await sql.unsafe(statement)
      await expectLack(store.check(), says)
    }
    await sql.end()
    await store.sessions.close()
  })

  test('MariaDB', async () => {
    const connection = await createConnection(mariadb.url)
    await connection.query('create database damaged')
    const url = new URL('/damaged', mariadb.url).href
    await connection.changeUser({ database: 'damaged' })
    const store = mysqlStore({ url })
    for (const [damage, says] of DAMAGES) {
      await connection.query('drop table if exists bff_sessions, bff_ttl')
      for (const statement of migrations('mysql')) await connection.query(statement)
      await store.check()
      for (const statement of damage.mysql) await connection.query(statement)
      await expectLack(store.check(), says)
    }
    await connection.query('drop table bff_ttl, bff_sessions')
    for (const statement of migrations('mysql')) await connection.query(statement)
    for (const [mode, says] of [
      ['NO_ENGINE_SUBSTITUTION', /^Without STRICT_TRANS_TABLES in sql_mode/],
      ['STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES', /^The sql_mode NO_BACKSLASH_ESCAPES/],
    ] as const) {
      const pool = createPool({ uri: url, connectionLimit: 1 })
      await pool.query(`set session sql_mode = '${mode}'`)
      await expectLack(mysqlStore({ db: drizzleMysql({ client: pool }) }).check(), says)
      await pool.end()
    }
    await connection.end()
    await store.sessions.close()
  })

  test('SQLite', async () => {
    for (const [damage, says] of DAMAGES) {
      const client = new BetterSqlite3(':memory:')
      const store = sqliteStore({ db: drizzleSqlite({ client }) })
      for (const statement of migrations('sqlite')) client.exec(statement)
      await store.check()
      for (const statement of damage.sqlite) {
        if (statement.includes('drop column device_id')) client.exec('drop index idx_bff_sessions_expires_at')
        client.exec(statement)
      }
      await expectLack(store.check(), says)
    }
  })

  test('a fault is store_unavailable, not a lack', async () => {
    const store = postgresStore({ url: 'postgres://nobody@127.0.0.1:1/none', operationTimeoutMs: 1000 })
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' })
    await store.sessions.close()
  })
})

async function expectLack(check: Promise<void>, says: RegExp): Promise<void> {
  const error: unknown = await check.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(BffError)
  expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringMatching(says) })
}
