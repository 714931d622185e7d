import type { SqlClient } from '../port.ts'
import { returningSessions } from '../sql/sessions.ts'
import { returningTtl } from '../sql/ttl.ts'
import { assembleStores, type SqlStores, type StoreOptions } from '../store/assemble.ts'
import { once } from '../store/once.ts'
import { describePostgres } from './describe.ts'
import { postgres, someKeys } from './dialect.ts'
import { classifyPostgres } from './errors.ts'
import { type PostgresEvents, type PostgresListener, postgresEvents } from './events.ts'

/** What a driver of Postgres opens. */
export interface PostgresConnection {
  readonly client: SqlClient
  /** `null`: the driver cannot listen. */
  readonly listener: PostgresListener | null
  /** Closes what the store opened itself. */
  end(): Promise<void>
}

interface PostgresParts {
  readonly connect: () => Promise<PostgresConnection>
  readonly options: StoreOptions
  readonly channel?: string
  readonly watch?: () => () => void
}

export function assemblePostgres({
  connect,
  options,
  channel = 'bff_events',
  watch,
}: PostgresParts): SqlStores {
  const connection = once(connect)
  let events: PostgresEvents | undefined
  return assembleStores({
    open: async (tables, conditions) => {
      const { client, end } = await connection()
      return {
        sessions: returningSessions(client, tables.sessions, postgres, conditions),
        ttl: returningTtl(client, tables.ttl, postgres, someKeys),
        describe: (table) => describePostgres(client, table),
        end: () => {
          events?.close()
          return end()
        },
      }
    },
    options,
    dialect: postgres,
    classify: classifyPostgres,
    engine: 'postgres',
    events: (database) => {
      events = postgresEvents(database, connection, channel)
      return events
    },
    ...(watch && { watch }),
  })
}
