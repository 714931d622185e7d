import { fullSession, handle } from '@bff/store-testkit/fixtures'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import { createPool } from 'mysql2/promise'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { type DrizzleStores, sqliteStore } from '../src/sqlite/index.ts'
import { START } from './clock.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

interface Statement {
  readonly text: string
  readonly params: unknown[]
}

/** Remembers what drizzle runs. */
function recorder() {
  const statements: Statement[] = []
  return {
    statements,
    logger: { logQuery: (text: string, params: unknown[]) => void statements.push({ text, params }) },
  }
}

/** Fills the tables, then does what must stay flat however many sessions there are. */
async function exercise({ sessions, ttl }: DrizzleStores, statements: Statement[]): Promise<Statement[]> {
  for (let index = 0; index < 400; index++) {
    const ids = {
      userId: `user${index % 40}`,
      organizationId: `o${index % 20}`,
      providerSessionId: `p${index}`,
    }
    await sessions.create(fullSession(START + index, { ...ids, handle: handle(index) }))
  }
  for (let index = 0; index < 100; index++) await ttl.set(`key${index}`, 'value', 1000)
  const from = statements.length
  const page = await sessions.list({ userId: 'user1' }, { limit: 3 })
  await sessions.list({ userId: 'user1' }, { limit: 3, cursor: page.next ?? '' })
  await sessions.list({ organizationId: 'o1' })
  await sessions.list({ issuer: 'https://idp.example', providerSessionId: 'p1' })
  await sessions.countActive({ userId: 'user1' }, START)
  await sessions.get(handle(1))
  await sessions.cleanup({ now: START, limit: 100, retainRevokedMs: 1 })
  await ttl.get('key1')
  return statements.slice(from).filter(({ text }) => /^(select|delete)/.test(text))
}

/** The index that serves a statement best. */
function indexFor(text: string): RegExp {
  if (/bff_ttl/.test(text)) return /bff_ttl|PRIMARY/
  const where = text.slice(text.indexOf('where'))
  const [, column] = /^where \(*.?(?:bff_sessions)?.?\.?.?(\w+)/.exec(where) ?? []
  const index = { user_id: 'user_id', organization_id: 'organization_id', issuer: 'provider_session' }[
    column ?? ''
  ]
  if (index !== undefined) return new RegExp(`idx_bff_sessions_${index}`)
  return /^select/.test(text) && /.id. = /.test(where)
    ? /sqlite_autoindex|_pkey|PRIMARY|const/
    : /idx_bff_sessions_expires_at/
}

test('S0-16 on SQLite every look-up searches the right index, and no list is sorted', async () => {
  const file = sqliteFile()
  onTestFinished(() => file.remove())
  const client = new BetterSqlite3(file.path)
  const { statements, logger } = recorder()
  const stores = sqliteStore({ db: drizzleSqlite({ client, logger }) })
  for (const { text, params } of await exercise(stores, statements)) {
    const plan = client.prepare(`explain query plan ${text}`).all(...params)
    const steps = JSON.stringify(plan)
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/SCAN bff|TEMP B-TREE/)
  }
  client.close()
})

test('S0-16 on Postgres every look-up can use the right index, and no list is sorted', async () => {
  const server = await startPostgres(['enable_seqscan=off', 'enable_bitmapscan=off'])
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const client = postgres(server.url, { onnotice: () => {} })
  const { statements, logger } = recorder()
  const stores = postgresStore({ db: drizzlePostgres({ client, logger }) })
  for (const { text, params } of await exercise(stores, statements)) {
    const plan = await client.unsafe(`explain ${text}`, params.map(String))
    const steps = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/Seq Scan|Sort/)
  }
  await client.end()
}, 60_000)

test('S0-16 on MariaDB every look-up can use the right index, and no list is sorted', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  const pool = createPool({ uri: await migrateMysql(server.url) })
  const { statements, logger } = recorder()
  const stores = mysqlStore({ db: drizzleMysql({ client: pool, logger }) })
  for (const { text, params } of await exercise(stores, statements)) {
    const [plan] = await pool.query(`explain ${text}`, params)
    const steps = JSON.stringify(plan)
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/"type":"(ALL|index)"|filesort/)
  }
  await pool.end()
}, 60_000)
