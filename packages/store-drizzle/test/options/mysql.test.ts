import { testOptions } from '@bff/test-support/options'
import { limitCases, mostConnections, tablesOf } from '@bff/test-support/sql/options'
import { mysqlTable } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { createPool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { afterAll } from 'vitest'
import {
  type MysqlStoreOptions,
  mysqlStore,
  sessionColumns,
  sessionIndexes,
  ttlColumns,
} from '../../src/mysql/index.ts'
import { migrations } from '../migrations.ts'
import { migrateMysql } from '../mysql.ts'
import { startMariadb } from '../servers.ts'

const server = await startMariadb()
const url = await migrateMysql(server.url)
const admin = createPool({ uri: server.url, connectionLimit: 2 })
await admin.query('create database other')
const otherUrl = url.replace(/bff$/, 'other')
const other = createPool({ uri: otherUrl, connectionLimit: 1 })
const main = createPool({ uri: url, connectionLimit: 1 })
for (const statement of migrations('mysql')) {
  await other.query(statement)
  await main.query(statement.replaceAll('bff_', 'my_'))
}
await main.end()

afterAll(async () => {
  for (const pool of [admin, other]) await pool.end()
  await server.stop()
})

const TABLES = ['bff.bff_sessions', 'bff.bff_ttl', 'bff.my_sessions', 'bff.my_ttl']
const OTHER_TABLES = ['other.bff_sessions', 'other.bff_ttl']
const usual = ['bff.bff_sessions', 'bff.bff_ttl']

function writtenTo(options: MysqlStoreOptions): Promise<string[]> {
  const empty = async (table: string) => {
    const [{ affectedRows }] = await admin.query<ResultSetHeader>(`delete from ${table}`)
    return affectedRows
  }
  return tablesOf(mysqlStore(options), [...TABLES, ...OTHER_TABLES], empty)
}

async function lock() {
  const client = await admin.getConnection()
  await client.query('lock tables bff.bff_ttl write')
  return async () => {
    await client.query('unlock tables')
    client.release()
  }
}

async function connections(): Promise<number> {
  const [rows] = await admin.query<RowDataPacket[]>(
    "select count(*) as number from information_schema.processlist where db = 'bff'",
  )
  return rows[0]?.['number']
}

testOptions<MysqlStoreOptions>('MysqlStoreOptions', {
  ...limitCases((options) => mysqlStore({ url, ...options }), lock),
  db: {
    set: drizzle({ client: other }),
    see: (options) => writtenTo(options.db ? options : { url }),
    shows: [usual, OTHER_TABLES],
  },
  url: { instead: url, set: otherUrl, see: writtenTo, shows: [usual, OTHER_TABLES] },
  poolSize: {
    set: 2,
    see: (options) => mostConnections(() => mysqlStore({ url, ...options }), connections),
    shows: [10, 2],
  },
  tables: {
    set: {
      sessions: mysqlTable('my_sessions', sessionColumns(), (t) => sessionIndexes(t, 'my_sessions')),
      ttl: mysqlTable('my_ttl', ttlColumns()),
    },
    see: (options) => writtenTo({ url, ...options }),
    shows: [usual, ['bff.my_sessions', 'bff.my_ttl']],
  },
})
