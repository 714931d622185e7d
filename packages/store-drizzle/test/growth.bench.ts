import { statSync } from 'node:fs'
import type { SessionStore } from '@bff/core'
import { fullSession, handle, session } from '@bff/store-testkit/fixtures'
import BetterSqlite3 from 'better-sqlite3'
import { getTableColumns } from 'drizzle-orm'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import { mysqlStore } from '../src/mysql/index.ts'
import { bffSessions, postgresStore } from '../src/postgres/index.ts'
import { sqliteStore } from '../src/sqlite/index.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'
import { sqliteFile } from './sqlite.ts'

/**
 * `node --import tsx --conditions=@bff/source test/growth.bench.ts [sqlite|postgres|mysql]`: medians in milliseconds
 * by number of sessions, one call at a time. `BFF_SIZES=1000,1000000` chooses the numbers, `BFF_ROUNDS` the rounds.
 */
const SIZES = (process.env['BFF_SIZES'] ?? '1000,10000,100000').split(',').map(Number)
const ROUNDS = Number(process.env['BFF_ROUNDS'] ?? 41)
const now = Date.now()

interface Stand {
  readonly size: number
  readonly sessions: SessionStore
  /** Runs one statement behind the store's back. */
  execute(statement: string): Promise<unknown>
  bytes(): Promise<number>
  stop(): Promise<void>
}

/** The numbers from 0 to below `size` as `n`, and a handle or user made of one. */
interface Dialect {
  series(size: number): string
  readonly handle: string
  readonly user: string
}

const DIALECTS: Record<'sqlite' | 'postgres' | 'mysql', Dialect> = {
  sqlite: {
    series: (size) =>
      `(with recursive s(n) as (select 0 union all select n + 1 from s where n < ${size - 1}) select n from s) s`,
    handle: "substr('user' || (n / 10) || '.' || (n % 10) || '----------------', 1, 16)",
    user: "'user' || (n / 10)",
  },
  postgres: {
    series: (size) => `generate_series(0, ${size - 1}) s(n)`,
    handle: "rpad('user' || (n / 10) || '.' || (n % 10), 16, '-')",
    user: "'user' || (n / 10)",
  },
  mysql: {
    series: (size) => `(select seq as n from seq_0_to_${size - 1}) s`,
    handle: "rpad(concat('user', n div 10, '.', n mod 10), 16, '-')",
    user: "concat('user', n div 10)",
  },
}

const OPEN = { sqlite: openSqlite, postgres: openPostgres, mysql: openMysql } as const
const wanted = process.argv.slice(2)

for (const [engine, open] of Object.entries(OPEN)) {
  if (wanted.length > 0 && !wanted.includes(engine)) continue
  const stands: Stand[] = []
  for (const size of SIZES) {
    const stand = { size, ...(await open()) }
    await fill(stand, DIALECTS[engine as keyof typeof DIALECTS])
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

/** Medians, and the lowest decile: on a busy machine, what the calls themselves take. */
function report(samples: Map<string, number[]>): void {
  for (const name of new Set([...samples.keys()].map((key) => key.split('@')[0] ?? ''))) {
    for (const [share, label] of [
      [0.5, name],
      [0.1, '  lowest decile'],
    ] as const) {
      const times = SIZES.map((size) => quantile(samples.get(`${name}@${size}`) ?? [], share))
      const spread = Math.max(...times) / Math.min(...times)
      console.log(
        label.padEnd(16),
        times.map((ms) => ms.toFixed(3)).join('  '),
        `spread ${spread.toFixed(2)}`,
      )
    }
  }
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}

/** Ten sessions for each user, multiplied by the database itself from one that the store wrote. */
async function fill({ size, sessions, execute }: Stand, dialect: Dialect): Promise<void> {
  const template = handle('template')
  await sessions.create(fullSession(now, { handle: template, organizationId: null }))
  const copied = Object.values(getTableColumns(bffSessions))
    .filter(({ name }) => !['id', 'user_id', 'provider_session_id', 'ends_at'].includes(name))
    .map(({ name }) => name)
    .join()
  const { series, handle: id, user } = dialect
  await execute(
    `insert into bff_sessions (id, user_id, provider_session_id, ${copied})
     select ${id}, ${user}, ${user}, ${copied} from bff_sessions, ${series(size)} where id = '${template}'`,
  )
  await sessions.delete(template)
}

async function openSqlite() {
  const file = sqliteFile()
  const { sessions } = sqliteStore({ path: file.path })
  return {
    sessions,
    async execute(statement: string) {
      const client = new BetterSqlite3(file.path)
      client.exec(statement)
      client.close()
    },
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
    async execute(statement: string) {
      const sql = postgres(server.url, { onnotice: () => {} })
      await sql.unsafe(statement)
      await sql.end()
    },
    async bytes() {
      const sql = postgres(server.url, { onnotice: () => {} })
      await sql`vacuum analyze bff_sessions`
      const [row] = await sql`select pg_total_relation_size('bff_sessions')::bigint as bytes`
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
    async execute(statement: string) {
      const connection = await createConnection(url)
      await connection.query(statement)
      await connection.end()
    },
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
