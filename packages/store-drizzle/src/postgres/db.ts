import type { TablesRelationalConfig } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { statementName } from '../shared/statements.ts'

/** Any drizzle instance on Postgres, whatever its driver and schema. */
export type PostgresDb = Pick<
  PgDatabase<PgQueryResultHKT, Record<string, unknown>, TablesRelationalConfig>,
  'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'
>

interface Preparable<T> {
  toSQL(): { sql: string }
  prepare(name: string): T
}

export function prepare<T>(query: Preparable<T>): T {
  return query.prepare(statementName(query.toSQL().sql))
}
