import type { Stores } from '@bff/core'
import { startMariadb, startPostgres } from '@bff/servers'
import { fullSession, handle } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import BetterSqlite3 from 'better-sqlite3'
import { createPool, type ResultSetHeader } from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import {
  type Answer,
  type MysqlClient,
  mysqlStore,
  postgresStore,
  type Row,
  type SqlClient,
  type SqlValue,
  sqliteStore,
} from '../src/index.ts'
import { migrateMysql, migratePostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

interface Statement {
  readonly text: string
  readonly params: unknown[]
}

type Query = (text: string, values: readonly SqlValue[]) => Answer<readonly Row[]>

/** A client that remembers what it runs. A batch is outside of these tests: its lookups are those of `countActive`. */
function recorder(query: Query): { statements: Statement[]; client: SqlClient } {
  const statements: Statement[] = []
  const client: SqlClient = {
    query: (text, params) => {
      statements.push({ text, params: [...params] })
      return query(text, params)
    },
    batch: () => {
      throw new TypeError('No session here has a limit.')
    },
  }
  return { statements, client }
}

/** Fills the tables, then does what must stay flat however many sessions there are. */
async function exercise({ sessions, ttl }: Stores, statements: Statement[]): Promise<Statement[]> {
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

test('on SQLite every look-up searches the right index, and no list is sorted [S0-16]', async () => {
  const file = sqliteFile()
  onTestFinished(() => file.remove())
  const database = new BetterSqlite3(file.path)
  const { statements, client } = recorder((text, values) => {
    const statement = database.prepare(text)
    return statement.reader ? (statement.raw().all(...values) as Row[]) : []
  })
  for (const { text, params } of await exercise(sqliteStore({ client }), statements)) {
    const plan = database.prepare(`explain query plan ${text}`).all(...params)
    const steps = JSON.stringify(plan)
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/SCAN bff|TEMP B-TREE/)
  }
  database.close()
})

test('on Postgres every look-up can use the right index, and no list is sorted [S0-16]', async () => {
  const server = await startPostgres(['enable_seqscan=off', 'enable_bitmapscan=off'])
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const pool = new pg.Pool({ connectionString: server.url })
  pool.on('error', () => {})
  const run = async (text: string, values: readonly SqlValue[]) =>
    (await pool.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows
  const { statements, client } = recorder(run)
  for (const { text, params } of await exercise(postgresStore({ client }), statements)) {
    const steps = (await run(`explain ${text}`, params as SqlValue[])).join('\n')
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/Seq Scan|Sort/)
  }
  await pool.end()
})

test('on MariaDB every look-up can use the right index, and no list is sorted [S0-16]', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  const pool = createPool({ uri: await migrateMysql(server.url) })
  const statements: Statement[] = []
  const client: MysqlClient = {
    async query(sql, values) {
      statements.push({ text: sql, params: [...values] })
      const [result] = await pool.query({ sql, values: [...values], rowsAsArray: true })
      if (Array.isArray(result)) return { rows: result as Row[], affectedRows: 0 }
      return { rows: [], affectedRows: (result as ResultSetHeader).affectedRows }
    },
    transaction: (work) => work(client.query),
  }
  for (const { text, params } of await exercise(mysqlStore({ client }), statements)) {
    const [plan] = await pool.query(`explain ${text}`, params)
    const steps = JSON.stringify(plan)
    expect(steps, text).toMatch(indexFor(text))
    expect(steps, text).not.toMatch(/"type":"(ALL|index)"|filesort/)
  }
  await pool.end()
})
