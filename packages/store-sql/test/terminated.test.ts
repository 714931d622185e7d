import type { Stores } from '@bff/core'
import { startMariadb, startPostgres } from '@bff/servers'
import { type FaultProxy, faultProxy } from '@bff/store-testkit'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { createPool, type RowDataPacket } from 'mysql2/promise'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { mysqlStore } from '../src/drivers/mysql2.ts'
import { postgresStore as pgStore } from '../src/drivers/pg.ts'
import { postgresStore } from '../src/drivers/postgres.ts'
import { migrateMysql, migratePostgres } from './servers.ts'

const POOL_SIZE = 4

interface Options {
  readonly url: string
  readonly poolSize: number
}

/** A server, and what an administrator does to it. */
interface Administered {
  readonly url: string
  empty(): Promise<unknown>
  /** Locks the table of sessions, until the function that it returns is called. */
  lock(): Promise<() => Promise<void>>
  /** How many of the store's connections wait for a lock. */
  waiting(): Promise<number>
  /** Ends the store's connections, as a failover and a shutdown do as well. */
  terminateAll(): Promise<unknown>
  stop(): Promise<void>
}

async function administeredPostgres(): Promise<Administered> {
  const server = await startPostgres()
  await migratePostgres(server.url)
  const admin = postgres(server.url, { max: 2, onnotice: () => {} })
  return {
    url: server.url,
    empty: () => admin`truncate bff_sessions`,
    async lock() {
      const holder = await admin.reserve()
      await holder`begin`
      await holder`lock table bff_sessions`
      return async () => {
        await holder`rollback`
        holder.release()
      }
    },
    async waiting() {
      const rows =
        await admin`select from pg_stat_activity where application_name = 'bff' and wait_event_type = 'Lock'`
      return rows.count
    },
    terminateAll: () =>
      admin`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'bff'`,
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}

async function administeredMariadb(): Promise<Administered> {
  const server = await startMariadb()
  const url = await migrateMysql(server.url)
  const admin = createPool({ uri: url, connectionLimit: 2 })
  const waiting = async () => {
    const [rows] = await admin.query<RowDataPacket[]>(
      `select id from information_schema.processlist where db = 'bff' and command = 'Query' and id <> connection_id()`,
    )
    return rows.map((row) => Number(row['id']))
  }
  return {
    url,
    empty: () => admin.query('delete from bff_sessions'),
    async lock() {
      const holder = await admin.getConnection()
      await holder.query('lock tables bff_sessions write')
      return async () => {
        await holder.query('unlock tables')
        holder.release()
      }
    },
    waiting: async () => (await waiting()).length,
    async terminateAll() {
      for (const id of await waiting()) await admin.query(`kill ${id}`)
    },
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}

const DRIVERS: [string, () => Promise<Administered>, (options: Options) => Stores][] = [
  ['postgres.js', administeredPostgres, postgresStore],
  ['node-postgres', administeredPostgres, pgStore],
  ['mysql2', administeredMariadb, mysqlStore],
]

describe.each(DRIVERS)('%s', (_, administered, open) => {
  let server: Administered
  let proxy: FaultProxy
  beforeAll(async () => {
    server = await administered()
    const { hostname, port } = new URL(server.url)
    proxy = await faultProxy({ host: hostname, port: Number(port) })
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const WAYS: [string, () => Promise<unknown>][] = [
    ['the server ended the connections', () => server.terminateAll()],
    ['the network reset the connections', () => proxy.reset()],
  ]

  /** Breaks every connection of the pool while a call waits on it, and returns what the calls came to. */
  async function breakAll(calls: () => Promise<unknown>[], breakConnections: () => Promise<unknown>) {
    const unlock = await server.lock()
    const broken = Promise.allSettled(calls())
    await expect.poll(() => server.waiting()).toBe(POOL_SIZE)
    // A connection that ends as soon as it was made counts as turned away.
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 10_000)
    onTestFinished(() => void vi.restoreAllMocks())
    await breakConnections()
    const outcomes = await broken
    await unlock()
    return outcomes
  }

  const unavailable = Array(POOL_SIZE).fill({
    status: 'rejected',
    reason: expect.objectContaining({ code: 'store_unavailable' }),
  })

  async function openStore() {
    await server.empty()
    const url = new URL(server.url)
    url.port = String(proxy.port)
    const { sessions } = open({ url: url.href, poolSize: POOL_SIZE })
    onTestFinished(() => sessions.close())
    return sessions
  }

  test.each(WAYS)(
    'after %s in the middle of a query, the next calls succeed',
    async (_, breakConnections) => {
      const sessions = await openStore()
      const record = session(START, { handle: handle('kept') })
      await sessions.create(record)
      const getAll = () => Array.from({ length: POOL_SIZE }, () => sessions.get(record.handle))
      expect(await breakAll(getAll, breakConnections)).toEqual(unavailable)
      expect(await Promise.all(getAll())).toEqual(Array(POOL_SIZE).fill(record))
    },
  )

  test.each(WAYS)(
    'after %s in the middle of a transaction, the next calls succeed',
    async (_, breakConnections) => {
      const sessions = await openStore()
      const handles = (name: string) =>
        Array.from({ length: POOL_SIZE }, (_, index) => handle(`${name}-${index}`))
      const createAll = (name: string) =>
        handles(name).map((handle) =>
          sessions.create(session(START, { handle, userId: 'many' }), { maxPerUser: 2 * POOL_SIZE }),
        )
      expect(await breakAll(() => createAll('broken'), breakConnections)).toEqual(unavailable)
      await Promise.all(createAll('whole'))
      const { records } = await sessions.list({ userId: 'many' })
      expect(records.map(({ handle }) => handle).sort()).toEqual(handles('whole').sort())
    },
  )
})
