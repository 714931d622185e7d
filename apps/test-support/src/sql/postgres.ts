import { EventEmitter, once } from 'node:events'
import type { Stores } from '@bff/core'
import { startPostgres } from '@bff/servers'
import { HOUR, handle } from '@bff/store-testkit/fixtures'
import postgres from 'postgres'
import { START } from '../clock.ts'
import { mostConnections, tablesOf } from './options.ts'

const TABLES = ['main.bff_sessions', 'main.bff_ttl', 'main.my_sessions', 'main.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']

/** Makes the tables in a database of Postgres. */
export async function migratePostgres(url: string, migrations: readonly string[]): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  for (const statement of migrations) await client.unsafe(statement)
  await client.end()
}

/** A server with two databases for the options of stores: the first has the tables also under the names `my_`. */
export async function postgresForOptions(migrations: readonly string[]) {
  const server = await startPostgres()
  const { url } = server
  const otherUrl = url.replace(/postgres$/, 'other')
  const main = postgres(url, { max: 3, onnotice: () => {} })
  await main`create database other`
  for (const one of [url, otherUrl]) await migratePostgres(one, migrations)
  for (const statement of migrations) await main.unsafe(statement.replaceAll('bff_', 'my_'))
  const other = postgres(otherUrl, { max: 2 })
  const heard = new EventEmitter()
  for (const channel of ['bff_events', 'shop']) await main.listen(channel, () => heard.emit('event', channel))

  const empty = async (name: string) => {
    const [database, table = ''] = name.split('.')
    const client = database === 'other' ? other : main
    return (await client`delete from ${client(table)}`).count
  }
  const connections = async (): Promise<number> => {
    const [row] =
      await main`select count(*)::int as number from pg_stat_activity where application_name = 'bff'`
    return row?.['number']
  }

  return {
    url,
    otherUrl,
    main,
    other,
    heard,
    tables: {
      usual: ['main.bff_sessions', 'main.bff_ttl'],
      own: ['main.my_sessions', 'main.my_ttl'],
      other: OTHER_TABLES,
    },
    writtenTo: (stores: Stores) => tablesOf(stores, [...TABLES, ...OTHER_TABLES], empty),
    /** Keeps all from writing small values, until what it resolves to is called. */
    async lock() {
      const client = await main.reserve()
      await client`begin`
      await client`lock table bff_ttl in access exclusive mode`
      return async () => {
        await client`commit`
        client.release()
      }
    },
    mostConnections: (open: () => Stores) => mostConnections(open, connections),
    /** The channel on which an event of the store arrives. */
    async channelOf({ sessions, events }: Stores): Promise<string> {
      const event = once(heard, 'event')
      const about = { handle: handle('session'), userId: 'user', at: START + HOUR }
      await events.publish('session.created', { type: 'session.created', ...about })
      const [channel] = await event
      await sessions.close()
      return channel
    },
    async stop() {
      for (const client of [main, other]) await client.end()
      await server.stop()
    },
  }
}
