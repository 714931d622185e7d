import * as mysql from '@bff/test-support/sql/mysql'
import * as postgres from '@bff/test-support/sql/postgres'
import { migrations } from './migrations.ts'

/** Makes the tables in a database of Postgres. */
export const migratePostgres = (url: string) => postgres.migratePostgres(url, migrations('postgres'))

/** Makes a database with the tables in it, and returns its address. */
export const migrateMysql = (server: string) => mysql.migrateMysql(server, migrations('mysql'))
