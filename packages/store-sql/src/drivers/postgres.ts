/**
 * `@bff/store-sql/postgres`: sessions, short-lived values and events in Postgres, through postgres.js.
 *
 * @module
 */
import { systemClock } from '@bff/core'
import { option, requireOneOf } from '@bff/core/authoring'
import type { Sql as PostgresJs, TransactionSql } from 'postgres'
import type { Row, SqlClient, SqlStatement } from '../port.ts'
import { assemblePostgres, type PostgresConnection } from '../postgres/store.ts'
import { POOL, type PoolOptions, readStoreOptions, type SqlStores } from '../store/assemble.ts'
import { readDriverError } from '../store/errors.ts'
import { Sockets } from './sockets.ts'

export type { PoolOptions, SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/** The part of a client of postgres.js that the store uses. */
export type PostgresJsClient = Pick<PostgresJs, 'unsafe' | 'typed' | 'begin' | 'listen'>

export interface PostgresJsOptions extends PoolOptions<PostgresJsClient> {
  /** The channel for events: use a separate one for each BFF that shares the database. @default 'bff_events' */
  readonly channel?: string
}

/**
 * Makes a store in Postgres 12 or later. It never creates or changes a table: apply the migrations, and call `check()` at
 * start-up to verify them.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `url` is given, or for a limit
 * that is not a whole number above zero
 *
 * @example
 * ```ts
 * import { postgresStore } from '@bff/store-sql/postgres'
 *
 * const store = postgresStore({ url: 'postgres://localhost/app' })
 * ```
 */
export function postgresStore(options: PostgresJsOptions): SqlStores {
  const { client } = options
  const {
    url,
    poolSize,
    channel,
    operationTimeoutMs: timeoutMs,
  } = readStoreOptions('postgresStore', options, { ...POOL, channel: option.optional(option.text()) })
  requireOneOf('postgresStore', options, ['url', 'client'])
  const sockets = new Sockets(timeoutMs)
  return assemblePostgres({
    connect: async () =>
      client === undefined
        ? connectPostgres(url ?? '', { poolSize, timeoutMs, sockets })
        : { client: clientOf([client]), listener: client, end: async () => {} },
    options,
    watch: () => sockets.watch(),
    ...(channel !== undefined && { channel }),
  })
}

/** The longest wait before a new attempt to connect, in seconds, so that a server that is back is found soon. */
const MAX_BACKOFF_S = 2

/** The share of a call's time that the server gets for a statement. */
const SERVER_SHARE = 0.9

/** What postgres.js passes to the function that makes its sockets. */
interface SocketOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | null | undefined
}

/**
 * Makes the store's own pool: clients of one connection each. A client of more keeps a list of its free connections that
 * grows with each query until none is free, and searches all of it for each query.
 *
 * postgres.js is loaded only here, so that a client of the app's own may be of its copy.
 */
async function connectPostgres(
  url: string,
  {
    poolSize,
    timeoutMs,
    sockets,
  }: { readonly poolSize: number; readonly timeoutMs: number; readonly sockets: Sockets },
): Promise<PostgresConnection> {
  const { default: postgres } = await import('postgres')
  // A call may be given a connection that still waits to reconnect, and must not time out only because of that.
  const longest = Math.min(MAX_BACKOFF_S, timeoutMs / 4_000)
  let attempt = 0
  let notBefore = 0
  const options = {
    max: 1,
    backoff: (retries: number) => {
      const pause = Math.min(0.05 * 2 ** retries, longest) * (0.5 + Math.random() / 2)
      notBefore = performance.now() + 1000 * pause
      // Its own timer would keep the process running: it waits for its socket instead.
      return 0
    },
    // Of several hosts each connection takes the next one, as postgres.js itself does.
    socket: async ({ host, port, path }: SocketOptions) => {
      const pause = notBefore - performance.now()
      if (pause > 0) await systemClock.sleep(pause, undefined, true)
      const index = attempt++ % Math.max(1, host.length)
      const place = { host: host[index] ?? 'localhost', port: port[index] ?? 5432 }
      // postgres.js may not learn why the server ended a new connection, for example because all slots are taken. Then it
      // tries again without a pause for as long as the server refuses, and the call waits: an error ends both.
      const socket = sockets.connectUnlessTurnedAway(path ? { path } : place)
      // TLS needs to know the name.
      return Object.assign(socket, place)
    },
    connect_timeout: Math.ceil(timeoutMs / 1000),
    // No column is an array. Asking for array types costs a round trip for each connection, and one cut meanwhile
    // rejects where nobody listens, which ends the process.
    fetch_types: false,
    connection: {
      application_name: 'bff',
      // Earlier than the store gives up, so that a server that is well is not taken for a dead one.
      statement_timeout: Math.ceil(timeoutMs * SERVER_SHARE),
      idle_in_transaction_session_timeout: timeoutMs,
      // By default a connection whose client is gone without a word takes one of the server's slots for hours.
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 5,
      tcp_keepalives_count: 3,
    },
    onnotice: () => {},
    // Its timer would keep the process running.
    max_lifetime: null,
  }
  const clients = Array.from({ length: poolSize }, () => postgres(url, options))
  return {
    client: clientOf(clients),
    listener: clients[0] ?? null,
    end: async () => void (await Promise.all(clients.map((client) => client.end({ timeout: 1 })))),
  }
}

function clientOf(clients: readonly PostgresJsClient[]): SqlClient {
  const lanes = clients.map((client) => new Lane(client))
  return {
    query: (text, values, isRepeated = false) =>
      againIfUnsent(() => {
        const lane = freest(lanes)
        const query = send(lane.client, { text, values }, isRepeated)
        const answer = lane.take(1, query, takeRows)
        return { answer, isSent: () => !('state' in query) || query.state !== null }
      }),
    batch: (statements) =>
      againIfUnsent(() => {
        let isSent = false
        const lane = freest(lanes)
        const answer = lane.client.begin('isolation level read committed', (transaction) => {
          isSent = true
          return Promise.all(
            statements.map((statement) => send(transaction, statement, false).then(takeRows)),
          ).catch(unlessBroken)
        }) as Promise<Row[][]>
        return { answer: lane.take(TRANSACTION, answer, (rows) => rows), isSent: () => isSent }
      }),
  }
}

/** As many calls as a transaction counts for: a query behind it waits for its end. */
const TRANSACTION = 1000

/** A client, and how much it has to do. */
class Lane {
  readonly client: PostgresJsClient
  load = 0

  constructor(client: PostgresJsClient) {
    this.client = client
  }

  /** Counts the call until it ends. */
  take<T, U>(load: number, answer: Promise<T>, read: (value: T) => U): Promise<U> {
    this.load += load
    return answer.then(
      (value) => {
        this.load -= load
        return read(value)
      },
      (error: unknown) => {
        this.load -= load
        throw error
      },
    )
  }
}

/** The first of those with the least to do, so that no more connections are opened than there are calls at once. */
function freest(lanes: readonly Lane[]): Lane {
  return lanes.reduce((least, lane) => (lane.load < least.load ? lane : least))
}

/** The server says which type the parameter has. */
const UNTYPED = undefined as unknown as number

/**
 * Behind a pooler in transaction mode another connection may not know a statement by its name: postgres.js then prepares it
 * again, but a transaction has failed by then.
 */
function send(
  on: Pick<TransactionSql, 'unsafe' | 'typed'>,
  { text, values }: SqlStatement,
  prepare: boolean,
): Promise<Row[]> {
  // postgres.js finds a prepared statement by the types of its values, joined with its text. Without a type that is the text
  // itself, of which V8 knows the hash: for the text of a session, that is a tenth of the time of a read.
  const [only] = values
  const parameters = values.length === 1 ? [on.typed(only, UNTYPED)] : [...values]
  const query = on.unsafe(text, parameters as (string | number | null)[], { prepare })
  return query.values() as unknown as Promise<Row[]>
}

/** What Postgres says as it ends a connection that it has served: a shutdown, an administrator, or one of its timeouts. */
const ENDED = /^(?:57P0[1245]|25P0[34])$/

/** More than the connections that one call finds so, one after another. */
const MAX_UNSENT = 10

/**
 * When the server ended a connection in the middle of a query, postgres.js gives its last word to the next call on a new
 * connection, too: that call was never sent, so it can be made again.
 */
function againIfUnsent<T>(
  attempt: () => { readonly answer: Promise<T>; isSent(): boolean },
  unsent = 0,
): Promise<T> {
  const { answer, isSent } = attempt()
  return answer.catch((error: unknown) => {
    if (unsent === MAX_UNSENT || isSent() || !ENDED.test(readDriverError(error).code)) throw error
    return againIfUnsent(attempt, unsent + 1)
  })
}

/**
 * After an error of the server, postgres.js rolls the transaction back. It would send that on a broken connection as well,
 * and end the process: so it does not hear of the error, and ends the transaction as it sees the connection closed.
 */
function unlessBroken(error: unknown): Promise<never> {
  return readDriverError(error).severity === null ? new Promise(() => {}) : Promise.reject(error)
}

/**
 * postgres.js may take the end of something else on a connection that broke for the end of a query, and resolve it with no
 * rows: a session would seem not to exist. What the server has answered names its command.
 *
 * The rows leave the result, because each query of postgres.js stays in memory until the next full collection.
 */
function takeRows(result: Row[]): Row[] {
  if ('command' in result && result.command === null)
    throw Object.assign(new Error('The query was not answered.'), { code: 'CONNECTION_CLOSED' })
  const rows = [...result]
  result.length = 0
  return rows
}
