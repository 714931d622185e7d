import { statSync } from 'node:fs'
import type { SessionStore } from '@bff/core'
import { fullSession, handle, session } from '@bff/store-testkit/fixtures'
import BetterSqlite3 from 'better-sqlite3'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { sqliteStore } from '../src/sqlite/index.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

/**
 * `node --import tsx --conditions=@bff/source test/growth.bench.ts [sqlite|postgres|mysql]`: medians in milliseconds
 * by number of sessions, one call at a time.
 */
const SIZES = [1_000, 10_000, 100_000]
const ROUNDS = 41
const BATCH = 500
const now = Date.now()

interface Stand {
  readonly size: number
  readonly sessions: SessionStore
  bytes(): Promise<number>
  stop(): Promise<void>
}

const OPEN = { sqlite: openSqlite, postgres: openPostgres, mysql: openMysql } as const
const wanted = process.argv.slice(2)

for (const [engine, open] of Object.entries(OPEN)) {
  if (wanted.length > 0 && !wanted.includes(engine)) continue
  const stands: Stand[] = []
  for (const size of SIZES) {
    const stand = { size, ...(await open()) }
    await fill(stand)
    stands.push(stand)
  }
  const bytes = await Promise.all(stands.map(async (stand) => Math.round((await stand.bytes()) / stand.size)))
  console.log(`${engine}: ${bytes.join(', ')} bytes a session`)
  report(await measure(stands))
  for (const stand of stands) await stand.stop()
}

async function measure(stands: readonly Stand[]): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>()
  const timed = async (name: string, size: number, times: number, call: () => Promise<unknown>) => {
    const start = performance.now()
    for (let index = 0; index < times; index++) await call()
    const key = `${name}@${size}`
    samples.set(key, [...(samples.get(key) ?? []), (performance.now() - start) / times])
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { size, sessions } of stands) {
      const user = `user${(round * 37) % (size / 10)}`
      const known = handle(`${user}.3`)
      await timed('get', size, 50, () => sessions.get(known))
      let version = (await sessions.get(known))?.version ?? 1
      await timed('update', size, 20, () =>
        sessions.update(known, { updatedAt: now, accessTokenEncrypted: new Uint8Array(1000) }, version++),
      )
      await timed('touch', size, 20, () => sessions.touch(known, now + round, now + 1000))
      await timed('list of 10', size, 20, () => sessions.list({ userId: user }))
      await timed('countActive', size, 20, () => sessions.countActive({ userId: user }, now))
      const dead = Array.from({ length: 100 }, (_, index) =>
        session(now, { handle: handle(`dead${index}`), userId: `dead${index}`, expiresAt: now - 1 }),
      )
      await Promise.all(dead.map((record) => sessions.create(record)))
      await timed('cleanup of 100', size, 1, () => sessions.cleanup({ now, limit: 100, retainRevokedMs: 1 }))
    }
  }
  return samples
}

function report(samples: Map<string, number[]>): void {
  for (const name of new Set([...samples.keys()].map((key) => key.split('@')[0] ?? ''))) {
    const medians = SIZES.map((size) => median(samples.get(`${name}@${size}`) ?? []))
    const spread = Math.max(...medians) / Math.min(...medians)
    console.log(name.padEnd(16), medians.map((ms) => ms.toFixed(3)).join('  '), `spread ${spread.toFixed(2)}`)
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function fill({ size, sessions }: Stand): Promise<void> {
  for (let start = 0; start < size; start += BATCH) {
    await Promise.all(
      Array.from({ length: BATCH }, (_, index) => {
        const user = `user${Math.floor((start + index) / 10)}`
        const ids = { handle: handle(`${user}.${index % 10}`), userId: user, organizationId: null }
        return sessions.create(fullSession(now, { ...ids, providerSessionId: user }))
      }),
    )
  }
}

async function openSqlite() {
  const file = sqliteFile()
  const { sessions } = sqliteStore({ path: file.path })
  return {
    sessions,
    async bytes() {
      const client = new BetterSqlite3(file.path)
      client.pragma('wal_checkpoint(truncate)')
      client.close()
      return statSync(file.path).size
    },
    async stop() {
      await sessions.close()
      file.remove()
    },
  }
}

async function openPostgres() {
  // As a server of that size would have: all of it fits.
  const server = await startPostgres(['shared_buffers=512MB'])
  await migratePostgres(server.url)
  const { sessions } = postgresStore({ url: server.url, operationTimeoutMs: 60_000 })
  return {
    sessions,
    async bytes() {
      const sql = postgres(server.url, { onnotice: () => {} })
      await sql`vacuum analyze bff_sessions`
      const [row] = await sql`select pg_total_relation_size('bff_sessions')::int as bytes`
      await sql.end()
      return Number(row?.['bytes'])
    },
    async stop() {
      await sessions.close()
      await server.stop()
    },
  }
}

async function openMysql() {
  const server = await startMariadb()
  const url = await migrateMysql(server.url)
  const { sessions } = mysqlStore({ url, operationTimeoutMs: 60_000 })
  return {
    sessions,
    async bytes() {
      const connection = await createConnection(url)
      await connection.query('analyze table bff_sessions')
      const [rows] = await connection.query(
        "select data_length + index_length as bytes from information_schema.tables where table_name = 'bff_sessions'",
      )
      await connection.end()
      return Number(Array.isArray(rows) && rows[0] && 'bytes' in rows[0] ? rows[0]['bytes'] : Number.NaN)
    },
    async stop() {
      await sessions.close()
      await server.stop()
    },
  }
}
