import type { Clock, Stores } from '@bff/core'
import { type RefusedWriteHarness, refusedWriteLaws } from '@bff/store-testkit'
import { manualClock } from '@bff/test-support/clock'
import type { Transaction } from '@libsql/client'
import { describe, test } from 'vitest'
import { sqliteStore as storeOnLibsql } from '../src/drivers/libsql.ts'
import { type NodeSqliteDatabase, sqliteStore as storeOnNodeSqlite } from '../src/drivers/node-sqlite.ts'
import { asOfServer, fileClient } from './libsql-client.ts'
import { sqliteFile } from './sqlite.ts'

interface Opened {
  readonly stores: Stores
  readonly behind: Stores
  /** Begins to read in rollback-journal mode, which lets no commit through: as late as a write can fail. */
  read(): Promise<void>
  stopReading(): Promise<void>
  close(): void
}

/** All connections of one library: two of them in one process do not see each other's locks. */
const harness = (open: (path: string, clock: Clock) => Opened): RefusedWriteHarness => ({
  async open() {
    const file = sqliteFile('delete')
    const clock = manualClock()
    const { stores, behind, read, stopReading, close } = open(file.path, clock)
    return {
      stores,
      now: clock.now,
      advance: async (ms) => clock.jump(ms),
      peek: (handle) => behind.sessions.get(handle),
      refuseWrites: read,
      acceptWrites: stopReading,
      async close() {
        await stores.sessions.close()
        close()
        file.remove()
      },
    }
  },
})

describe('a file through libsql', () => {
  const open = (path: string, clock: Clock): Opened => {
    const [client, reader] = [fileClient(path, 1), fileClient(path, 1)]
    let transaction: Transaction | undefined
    return {
      stores: storeOnLibsql({ client: asOfServer(client), clock }),
      behind: storeOnLibsql({ client: asOfServer(reader) }),
      async read() {
        transaction = await reader.transaction('read')
        await transaction.execute('select count(*) from bff_sessions')
      },
      stopReading: async () => transaction?.rollback(),
      close() {
        for (const one of [client, reader]) one.close()
      },
    }
  }
  refusedWriteLaws({ test, harness: harness(open) })
})

const nodeSqlite = process.getBuiltinModule('node:sqlite') as
  | { readonly DatabaseSync: new (path: string) => NodeSqliteDatabase }
  | undefined

if (nodeSqlite !== undefined) {
  const { DatabaseSync } = nodeSqlite
  describe('a file through node:sqlite', () => {
    const open = (path: string, clock: Clock): Opened => {
      const own = () => {
        const database = new DatabaseSync(path)
        database.exec('pragma busy_timeout = 1')
        return database
      }
      const [client, reader, other] = [own(), own(), own()]
      return {
        stores: storeOnNodeSqlite({ client, clock }),
        behind: storeOnNodeSqlite({ client: other }),
        async read() {
          reader.exec('begin')
          reader.prepare('select count(*) from bff_sessions').all()
        },
        stopReading: async () => reader.exec('rollback'),
        close() {
          for (const one of [client, reader, other]) one.close()
        },
      }
    }
    refusedWriteLaws({ test, harness: harness(open) })
  })
}
