import { EventEmitter, once } from 'node:events'
import { HOUR, handle } from '@bff/store-testkit/fixtures'
import { testOptions } from '@bff/test-support/options'
import { pgTable } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { limitCases, tablesOf } from '../../../store-sql/test/options/common.ts'
import {
  type PostgresStoreOptions,
  postgresStore,
  sessionColumns,
  sessionIndexes,
  ttlColumns,
} from '../../src/postgres/index.ts'
import { START } from '../clock.ts'
import { migrations } from '../migrations.ts'
import { migratePostgres } from '../postgres.ts'
import { startPostgres } from '../servers.ts'

const server = await startPostgres()
const { url } = server
const otherUrl = url.replace(/postgres$/, 'other')
const main = postgres(url, { max: 2, onnotice: () => {} })
await main`create database other`
for (const one of [url, otherUrl]) await migratePostgres(one)
for (const statement of migrations('postgres')) await main.unsafe(statement.replaceAll('bff_', 'my_'))
const other = postgres(otherUrl, { max: 2 })
const heard = new EventEmitter()
for (const channel of ['bff_events', 'shop']) await main.listen(channel, () => heard.emit('event', channel))

afterAll(async () => {
  for (const client of [main, other]) await client.end()
  await server.stop()
})

const TABLES = ['main.bff_sessions', 'main.bff_ttl', 'main.my_sessions', 'main.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']
const usual = ['main.bff_sessions', 'main.bff_ttl']

function writtenTo(options: PostgresStoreOptions): Promise<string[]> {
  const empty = async (name: string) => {
    const [database, table = ''] = name.split('.')
    const client = database === 'other' ? other : main
    return (await client`delete from ${client(table)}`).count
  }
  return tablesOf(postgresStore(options), [...TABLES, ...OTHER_TABLES], empty)
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

testOptions<PostgresStoreOptions>('PostgresStoreOptions', {
  ...limitCases((options) => postgresStore({ url, ...options }), lock),
  db: {
    set: drizzle({ client: other }),
    see: (options) => writtenTo(options.db ? options : { url }),
    shows: [usual, OTHER_TABLES],
  },
  url: { instead: url, set: otherUrl, see: writtenTo, shows: [usual, OTHER_TABLES] },
  poolSize: {
    set: 2,
    async see(options) {
      // A backend ends a little later than its connection.
      while ((await connections()) > 0);
      const { sessions, ttl } = postgresStore({ url, ...options })
      await Promise.all(Array.from({ length: 20 }, (_, index) => ttl.get(String(index))))
      const seen = await connections()
      await sessions.close()
      return seen
    },
    shows: [10, 2],
  },
  tables: {
    set: {
      sessions: pgTable('my_sessions', sessionColumns(), (t) => sessionIndexes(t, 'my_sessions')),
      ttl: pgTable('my_ttl', ttlColumns()),
    },
    see: (options) => writtenTo({ url, ...options }),
    shows: [usual, ['main.my_sessions', 'main.my_ttl']],
  },
  channel: {
    set: 'shop',
    async see(options) {
      const { sessions, events } = postgresStore({ url, ...options })
      const event = once(heard, 'event')
      const about = { handle: handle('session'), userId: 'user', at: START + HOUR }
      await events.publish('session.created', { type: 'session.created', ...about })
      const [channel] = await event
      await sessions.close()
      return channel
    },
    shows: ['bff_events', 'shop'],
  },
})
