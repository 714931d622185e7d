import { testOptions } from '@bff/test-support/options'
import { limitCases } from '@bff/test-support/sql/options'
import { postgresForOptions } from '@bff/test-support/sql/postgres'
import { pgTable } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { afterAll } from 'vitest'
import {
  type PostgresStoreOptions,
  postgresStore,
  sessionColumns,
  sessionIndexes,
  ttlColumns,
} from '../../src/postgres/index.ts'
import { migrations } from '../migrations.ts'

const database = await postgresForOptions(migrations('postgres'))
const { url, otherUrl, other, tables, lock, mostConnections, channelOf } = database
const { usual } = tables
afterAll(() => database.stop())

const writtenTo = (options: PostgresStoreOptions) => database.writtenTo(postgresStore(options))

testOptions<PostgresStoreOptions>('PostgresStoreOptions', {
  ...limitCases((options) => postgresStore({ url, ...options }), lock),
  db: {
    set: drizzle({ client: other }),
    see: (options) => writtenTo(options.db ? options : { url }),
    shows: [usual, tables.other],
  },
  url: { instead: url, set: otherUrl, see: writtenTo, shows: [usual, tables.other] },
  poolSize: {
    set: 2,
    see: (options) => mostConnections(() => postgresStore({ url, ...options })),
    shows: [10, 2],
  },
  tables: {
    set: {
      sessions: pgTable('my_sessions', sessionColumns(), (t) => sessionIndexes(t, 'my_sessions')),
      ttl: pgTable('my_ttl', ttlColumns()),
    },
    see: (options) => writtenTo({ url, ...options }),
    shows: [usual, tables.own],
  },
  channel: {
    set: 'shop',
    see: (options) => channelOf(postgresStore({ url, ...options })),
    shows: ['bff_events', 'shop'],
  },
})
