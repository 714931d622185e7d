import { type Answer, map, type SqlClient } from '../port.ts'
import { returningSessions } from '../sql/sessions.ts'
import { returningTtl } from '../sql/ttl.ts'
import { assembleStores, type SqlStores, type StoreOptions } from '../store/assemble.ts'
import { describeSqlite } from './describe.ts'
import { someKeys, sqlite } from './dialect.ts'
import { classifySqlite } from './errors.ts'

/** What a driver of SQLite opens. */
export interface SqliteConnection {
  readonly client: SqlClient
  /** Closes what the store opened itself. */
  end(): void
}

export function assembleSqlite(open: () => Answer<SqliteConnection>, options: StoreOptions): SqlStores {
  return assembleStores({
    open: (tables, conditions) =>
      map(open(), ({ client, end }) => ({
        sessions: returningSessions(client, tables.sessions, sqlite, conditions),
        ttl: returningTtl(client, tables.ttl, sqlite, someKeys),
        describe: (table) => describeSqlite(client, table),
        end: async () => end(),
      })),
    options,
    dialect: sqlite,
    classify: classifySqlite,
    engine: 'sqlite',
  })
}
