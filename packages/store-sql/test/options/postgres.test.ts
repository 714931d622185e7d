import { EventEmitter, once } from 'node:events'
import { startPostgres } from '@bff/servers'
import { HOUR, handle } from '@bff/store-testkit/fixtures'
import { testOptions } from '@bff/test-support/options'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { type PoolOptions, postgresStore as storeOnPg } from '../../src/drivers/pg.ts'
import { type PostgresJsOptions, postgresStore } from '../../src/drivers/postgres.ts'
import {
  type PostgresPortOptions,
  type SqlClient,
  type SqlStores,
  postgresStore as storeOverPort,
} from '../../src/index.ts'
import { START } from '../clock.ts'
import { migrations } from '../migrations.ts'
import { migratePostgres } from '../servers.ts'
import { commonCases, tablesOf } from './common.ts'

const server = await startPostgres()
const { url } = server
const otherUrl = url.replace(/postgres$/, 'other')
const main = postgres(url, { max: 3, onnotice: () => {} })
await main`create database other`
for (const one of [url, otherUrl]) await migratePostgres(one)
for (const statement of migrations('postgres')) await main.unsafe(statement.replaceAll('bff_', 'my_'))
const other = postgres(otherUrl, { max: 2 })
const otherPool = new pg.Pool({ connectionString: otherUrl, max: 2 })
otherPool.on('error', () => {})
const heard = new EventEmitter()
for (const channel of ['bff_events', 'shop']) await main.listen(channel, () => heard.emit('event', channel))

afterAll(async () => {
  for (const client of [main, other, otherPool]) await client.end()
  await server.stop()
})

const ALL = ['main.bff_sessions', 'main.bff_ttl', 'main.my_sessions', 'main.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']
const usual = ['main.bff_sessions', 'main.bff_ttl']
const renamed = { usual, own: ['main.my_sessions', 'main.my_ttl'] }

function writtenTo(stores: SqlStores): Promise<string[]> {
  const empty = async (name: string) => {
    const [database, table = ''] = name.split('.')
    const client = database === 'other' ? other : main
    return (await client`delete from ${client(table)}`).count
  }
  return tablesOf(stores, [...ALL, ...OTHER_TABLES], empty)
}

async function lock() {
  const client = await main.reserve()
  await client`begin`
  await client`lock table bff_ttl in access exclusive mode`
  return async () => {
    await client`commit`
    client.release()
  }
}

async function connections(): Promise<number> {
  const [row] =
    await main`select count(*)::int as number from pg_stat_activity where application_name = 'bff'`
  return row?.['number']
}

async function mostConnections(open: () => SqlStores): Promise<number> {
  // A backend ends a little later than its connection.
  while ((await connections()) > 0);
  const { sessions, ttl } = open()
  await Promise.all(Array.from({ length: 20 }, (_, index) => ttl.get(String(index))))
  const seen = await connections()
  await sessions.close()
  return seen
}

/** The channel on which an event of the store arrives. */
async function channelOf({ sessions, events }: SqlStores): Promise<string> {
  const event = once(heard, 'event')
  const about = { handle: handle('session'), userId: 'user', at: START + HOUR }
  await events.publish('session.created', { type: 'session.created', ...about })
  const [channel] = await event
  await sessions.close()
  return channel
}

testOptions<PoolOptions<pg.Pool>>('PoolOptions', {
  ...commonCases(
    (options) => storeOnPg({ url, ...options }),
    lock,
    renamed,
    (options) => writtenTo(storeOnPg({ url, ...options })),
  ),
  client: {
    set: otherPool,
    see: (options) => writtenTo(storeOnPg(options.client ? options : { url })),
    shows: [usual, OTHER_TABLES],
  },
  url: {
    instead: url,
    set: otherUrl,
    see: (options) => writtenTo(storeOnPg(options)),
    shows: [usual, OTHER_TABLES],
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
    renamed,
    (options) => writtenTo(postgresStore({ url, ...options })),
  ),
  client: {
    set: other,
    see: (options) => writtenTo(postgresStore(options.client ? options : { url })),
    shows: [usual, OTHER_TABLES],
  },
  url: {
    instead: url,
    set: otherUrl,
    see: (options) => writtenTo(postgresStore(options)),
    shows: [usual, OTHER_TABLES],
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
    renamed,
    (options) => writtenTo(storeOverPort({ client, ...options })),
  ),
  client: {
    instead: client,
    set: portTo(other),
    see: (options) => writtenTo(storeOverPort({ client: options.client ?? client })),
    shows: [usual, OTHER_TABLES],
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
