import { systemClock } from '@bff/core'
import type { Sockets } from '../shared/sockets.ts'
import type { PostgresDb } from './db.ts'
import type { PostgresListener } from './events.ts'

export interface PostgresConnection {
  readonly db: PostgresDb
  /** `null`: the driver cannot listen. */
  readonly listener: PostgresListener | null
  end(): Promise<void>
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

/** Makes the store's own pool. postgres.js is loaded only here, so with another driver it need not be installed. */
export async function connectPostgres(
  url: string,
  {
    poolSize,
    timeoutMs,
    sockets,
  }: { readonly poolSize: number; readonly timeoutMs: number; readonly sockets: Sockets },
): Promise<PostgresConnection> {
  const [{ default: postgres }, { drizzle }] = await Promise.all([
    import('postgres'),
    import('drizzle-orm/postgres-js'),
  ])
  // A call may be given a connection that still waits to reconnect, and must not time out only because of that.
  const longest = Math.min(MAX_BACKOFF_S, timeoutMs / 4_000)
  let attempt = 0
  let notBefore = 0
  const options = {
    max: poolSize,
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
  const client = postgres(url, options)
  const { unsafe } = client
  client.unsafe = ((...args: Parameters<typeof unsafe>) => requireAnswer(unsafe(...args))) as typeof unsafe
  return { db: drizzle({ client }), listener: client, end: () => client.end({ timeout: 1 }) }
}

/**
 * postgres.js may take the end of something else on a connection that broke for the end of a query, and resolve it with no
 * rows: a session would seem not to exist. What the server has answered names its command.
 */
function requireAnswer<T extends object>(query: T): T {
  if (!('resolve' in query && typeof query.resolve === 'function' && 'reject' in query)) return query
  const { resolve, reject } = query
  const accept = (result: unknown) => {
    const isAnswered =
      typeof result !== 'object' || result === null || !('command' in result) || result.command !== null
    if (isAnswered) resolve(result)
    else if (typeof reject === 'function')
      reject(Object.assign(new Error('The query was not answered.'), { code: 'CONNECTION_CLOSED' }))
  }
  return Object.assign(query, { resolve: accept })
}

/** Uses the app's own drizzle instance, which the store never closes. */
export function borrowPostgres(db: PostgresDb): PostgresConnection {
  const client: unknown = '$client' in db ? db.$client : null
  return { db, listener: canListen(client) ? client : null, end: async () => {} }
}

/** postgres.js is a function; other drivers' `listen` means something else. */
function canListen(client: unknown): client is PostgresListener {
  return typeof client === 'function' && 'listen' in client && 'notify' in client
}
