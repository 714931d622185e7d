import type { PostgresDb } from './db.ts'
import type { PostgresListener } from './events.ts'

export interface PostgresConnection {
  readonly db: PostgresDb
  /** `null`: the driver cannot listen. */
  readonly listener: PostgresListener | null
  end(): Promise<void>
}

/** Reconnecting waits this long at the most, in seconds: a server that is back is found soon. */
const MAX_BACKOFF_S = 2

/** A pool of the store's own. postgres.js is loaded only here: with another driver it need not be installed. */
export async function connectPostgres(
  url: string,
  { poolSize, timeoutMs }: { readonly poolSize: number; readonly timeoutMs: number },
): Promise<PostgresConnection> {
  const [{ default: postgres }, { drizzle }] = await Promise.all([
    import('postgres'),
    import('drizzle-orm/postgres-js'),
  ])
  // A call may be given a connection that still waits to reconnect, and must not time out only because of that.
  const longest = Math.min(MAX_BACKOFF_S, timeoutMs / 4_000)
  const client = postgres(url, {
    max: poolSize,
    connect_timeout: Math.ceil(timeoutMs / 1000),
    backoff: (retries) => Math.min(0.05 * 2 ** retries, longest) * (0.5 + Math.random() / 2),
    // No column is an array. Asking for array types costs a round trip for each connection, and one cut meanwhile
    // rejects where nobody listens, which ends the process.
    fetch_types: false,
    connection: {
      application_name: 'bff',
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: timeoutMs,
    },
    onnotice: () => {},
  })
  return { db: drizzle({ client }), listener: client, end: () => client.end({ timeout: 1 }) }
}

/** The app's own drizzle instance: never closed here. */
export function borrowPostgres(db: PostgresDb): PostgresConnection {
  const client: unknown = '$client' in db ? db.$client : null
  return { db, listener: canListen(client) ? client : null, end: async () => {} }
}

/** postgres.js is a function; other drivers' `listen` means something else. */
function canListen(client: unknown): client is PostgresListener {
  return typeof client === 'function' && 'listen' in client && 'notify' in client
}
