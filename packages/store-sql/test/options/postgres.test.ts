import { HOUR, handle } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { postgresForOptions } from '@bff/test-support/sql/postgres'
import pg from 'pg'
import type postgres from 'postgres'
import { afterAll } from 'vitest'
import { type PoolOptions, postgresStore as storeOnPg } from '../../src/drivers/pg.ts'
import { type PostgresJsOptions, postgresStore } from '../../src/drivers/postgres.ts'
import { type PostgresPortOptions, type SqlClient, postgresStore as storeOverPort } from '../../src/index.ts'
import { migrations } from '../migrations.ts'
import { commonCases } from './common.ts'

const database = await postgresForOptions(migrations('postgres'))
const { url, otherUrl, main, other, heard, tables, writtenTo, lock, mostConnections, channelOf } = database
const { usual } = tables
const otherPool = new pg.Pool({ connectionString: otherUrl, max: 2 })
otherPool.on('error', () => {})

afterAll(async () => {
  await otherPool.end()
  await database.stop()
})

testOptions<PoolOptions<pg.Pool>>('PoolOptions', {
  ...commonCases(
    (options) => storeOnPg({ url, ...options }),
    lock,
    tables,
    (options) => writtenTo(storeOnPg({ url, ...options })),
  ),
  client: {
    set: otherPool,
    see: (options) => writtenTo(storeOnPg(options.client ? options : { url })),
    shows: [usual, tables.other],
  },
  url: {
    instead: url,
    set: otherUrl,
    see: (options) => writtenTo(storeOnPg(options)),
    shows: [usual, tables.other],
  },
  poolSize: {
    set: 2,
    see: (options) => mostConnections(() => storeOnPg({ url, ...options })),
    shows: [10, 2],
  },
})

testOptions<PostgresJsOptions>('PostgresJsOptions', {
  ...commonCases(
    (options) => postgresStore({ url, ...options }),
    lock,
    tables,
    (options) => writtenTo(postgresStore({ url, ...options })),
  ),
  client: {
    set: other,
    see: (options) => writtenTo(postgresStore(options.client ? options : { url })),
    shows: [usual, tables.other],
  },
  url: {
    instead: url,
    set: otherUrl,
    see: (options) => writtenTo(postgresStore(options)),
    shows: [usual, tables.other],
  },
  poolSize: {
    set: 2,
    see: (options) => mostConnections(() => postgresStore({ url, ...options })),
    shows: [10, 2],
  },
  channel: {
    set: 'shop',
    see: (options) => channelOf(postgresStore({ url, ...options })),
    shows: ['bff_events', 'shop'],
  },
})

/** A client of an app's own. */
const portTo = (sql: postgres.Sql): SqlClient => ({
  query: async (text, values) => [...(await sql.unsafe(text, [...values] as string[]).values())],
  batch: (statements) =>
    sql.begin(async (transaction) => {
      const results: unknown[][][] = []
      for (const { text, values } of statements)
        results.push([...(await transaction.unsafe(text, [...values] as string[]).values())])
      return results
    }) as Promise<unknown[][][]>,
})
const client = portTo(main)

testOptions<PostgresPortOptions>('PostgresPortOptions', {
  ...commonCases(
    (options) => storeOverPort({ client, ...options }),
    lock,
    tables,
    (options) => writtenTo(storeOverPort({ client, ...options })),
  ),
  client: {
    instead: client,
    set: portTo(other),
    see: (options) => writtenTo(storeOverPort({ client: options.client ?? client })),
    shows: [usual, tables.other],
  },
  listener: {
    set: main,
    // The app's listener hears an event that stays in the process of the store from nobody else.
    async see(options) {
      const stores = storeOverPort({ client, ...options })
      const channels: string[] = []
      heard.on('event', (channel) => channels.push(channel))
      const about = { handle: handle('session'), userId: 'user', at: START + HOUR }
      await stores.events.publish('session.created', { type: 'session.created', ...about })
      const end = new Promise<void>((resolve) =>
        heard.on('event', (channel) => channel === 'shop' && resolve()),
      )
      await main.notify('shop', 'the end')
      await end
      await stores.sessions.close()
      heard.removeAllListeners()
      return channels.filter((channel) => channel === 'bff_events').length
    },
    shows: [0, 1],
  },
  channel: {
    set: 'shop',
    see: (options) => channelOf(storeOverPort({ client, listener: main, ...options })),
    shows: ['bff_events', 'shop'],
  },
})
