/**
 * `@bff/store-sql/pg`: sessions and short-lived values in Postgres, through node-postgres.
 *
 * @module
 */
import { requireOneOf } from '@bff/core/authoring'
import pg from 'pg'
import type { Row, SqlClient, SqlStatement } from '../port.ts'
import { assemblePostgres, type PostgresConnection } from '../postgres/store.ts'
import { POOL, type PoolOptions, readStoreOptions, type SqlStores } from '../store/assemble.ts'
import { hearPoolErrors } from './pool-errors.ts'
import { Sockets } from './sockets.ts'

export type { PoolOptions, SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/**
 * Makes a store in Postgres 12 or later. It never creates or changes a table: apply the migrations, and call `check()` at
 * start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `url` is given, or for a limit
 * that is not a whole number above zero
 *
 * @example
 * ```ts
 * import { postgresStore } from '@bff/store-sql/pg'
 *
 * const store = postgresStore({ url: 'postgres://localhost/app' })
 * ```
 */
export function postgresStore(options: PoolOptions<pg.Pool>): SqlStores {
  const { client } = options
  const { url, poolSize, operationTimeoutMs: timeoutMs } = readStoreOptions('postgresStore', options, POOL)
  requireOneOf('postgresStore', options, ['url', 'client'])
  const sockets = new Sockets(timeoutMs)
  return assemblePostgres({
    connect: async () =>
      client === undefined
        ? connectPg(url ?? '', { poolSize, timeoutMs, sockets })
        : { client: clientOf(client), listener: null, end: async () => {} },
    options,
    watch: () => sockets.watch(),
  })
}

/** The share of a call's time that the server gets for a statement. */
const SERVER_SHARE = 0.9

function connectPg(
  url: string,
  {
    poolSize,
    timeoutMs,
    sockets,
  }: { readonly poolSize: number; readonly timeoutMs: number; readonly sockets: Sockets },
): PostgresConnection {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: timeoutMs,
    // Earlier than the store gives up, so that a server that is well is not taken for a dead one.
    statement_timeout: Math.ceil(timeoutMs * SERVER_SHARE),
    idle_in_transaction_session_timeout: timeoutMs,
    application_name: 'bff',
    // By default a connection whose client is gone without a word takes one of the server's slots for hours.
    options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    stream: () => sockets.socket(),
    allowExitOnIdle: true,
  })
  // An idle connection that breaks is replaced by the next call.
  pool.on('error', () => {})
  return { client: clientOf(pool), listener: null, end: () => pool.end() }
}

/** As text, even if the app has parsers of its own: the statements return nothing that needs one. */
const TYPES = { getTypeParser: () => (text: string) => text }

function clientOf(pool: pg.Pool): SqlClient {
  hearPoolErrors(pool)
  return {
    query: (text, values) => run(pool, { text, values }),
    async batch(statements) {
      const client = await pool.connect()
      try {
        await client.query('begin isolation level read committed')
        const results: Row[][] = []
        for (const statement of statements) results.push(await run(client, statement))
        await client.query('commit')
        client.release()
        return results
      } catch (error) {
        // A connection that cannot roll back is no use to anyone.
        const broken = await client.query('rollback').then(
          () => false,
          () => true,
        )
        client.release(broken)
        throw error
      }
    },
  }
}

async function run(on: pg.Pool | pg.PoolClient, { text, values }: SqlStatement): Promise<Row[]> {
  const query = { text, values: [...values], rowMode: 'array' as const, types: TYPES }
  return (await on.query<unknown[]>(query)).rows
}
