import type { MysqlClient } from '../port.ts'
import { assembleStores, type SqlStores, type StoreOptions } from '../store/assemble.ts'
import { describeMysql, findUnsafeMode } from './describe.ts'
import { mysql } from './dialect.ts'
import { classifyMysql } from './errors.ts'
import { mysqlSessions } from './sessions.ts'
import { mysqlTtl } from './ttl.ts'

/** What a driver of MySQL opens. */
export interface MysqlConnection {
  readonly client: MysqlClient
  /** Closes what the store opened itself. */
  end(): Promise<void>
}

interface MysqlParts {
  readonly connect: () => MysqlConnection
  readonly options: StoreOptions
  readonly watch?: () => () => void
}

export function assembleMysql({ connect, options, watch }: MysqlParts): SqlStores {
  return assembleStores({
    open: ({ sessions, ttl }, conditions) => {
      const { client, end } = connect()
      return {
        sessions: mysqlSessions(client, sessions, ttl, conditions),
        ttl: mysqlTtl(client, ttl),
        describe: (table) => describeMysql(client, table),
        misconfigured: () => findUnsafeMode(client),
        end,
      }
    },
    options,
    dialect: mysql,
    classify: classifyMysql,
    engine: 'mysql',
    ...(watch && { watch }),
  })
}
