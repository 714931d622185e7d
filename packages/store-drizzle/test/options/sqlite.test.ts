import { testOptions } from '@bff/test-support/options'
import { limitCases } from '@bff/test-support/sql/options'
import { sqliteForOptions } from '@bff/test-support/sql/sqlite'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { sqliteTable } from 'drizzle-orm/sqlite-core'
import { afterAll } from 'vitest'
import {
  type SqliteStoreOptions,
  sessionColumns,
  sessionIndexes,
  sqliteStore,
  ttlColumns,
} from '../../src/sqlite/index.ts'
import { migrations } from '../migrations.ts'

const files = sqliteForOptions(migrations('sqlite'))
const { path, otherPath, other, tables, lock, synchronousOf } = files
const { usual } = tables
afterAll(() => files.close())

const writtenTo = (options: SqliteStoreOptions) => files.writtenTo(sqliteStore(options))

testOptions<SqliteStoreOptions>('SqliteStoreOptions', {
  ...limitCases((options) => sqliteStore({ path, ...options }), lock),
  db: {
    set: drizzle({ client: other }),
    see: (options) => writtenTo(options.db ? options : { path }),
    shows: [usual, tables.other],
  },
  path: { instead: path, set: otherPath, see: writtenTo, shows: [usual, tables.other] },
  synchronous: {
    set: 'normal',
    see: (options) => synchronousOf(() => writtenTo({ path, ...options })),
    shows: [2, 1],
  },
  tables: {
    set: {
      sessions: sqliteTable('my_sessions', sessionColumns(), (t) => sessionIndexes(t, 'my_sessions')),
      ttl: sqliteTable('my_ttl', ttlColumns()),
    },
    see: (options) => writtenTo({ path, ...options }),
    shows: [usual, tables.own],
  },
})
