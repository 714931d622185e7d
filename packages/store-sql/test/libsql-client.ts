import { type Client, createClient, type InStatement } from '@libsql/client'
import type { LibsqlClient } from '../src/drivers/libsql.ts'

/** A client that the store uses as one of a server, though it is of a file: there is no server of libsql here. */
export const asOfServer = (client: Client): LibsqlClient => ({
  protocol: 'http',
  execute: (statement: InStatement) => client.execute(statement),
  batch: (...statements) => client.batch(...statements),
})

/** One connection: of more, one could keep the lock of a write that failed, until its statement is collected. */
export const fileClient = (path: string, timeout: number): Client =>
  createClient({ url: `file:${path}`, timeout, concurrency: 1 })
