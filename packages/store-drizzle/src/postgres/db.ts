import type { TablesRelationalConfig } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** Any drizzle instance on Postgres, with any driver and schema. */
export type PostgresDb = Pick<
  PgDatabase<PgQueryResultHKT, Record<string, unknown>, TablesRelationalConfig>,
  'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'
>

interface Preparable<T> {
  prepare(name: string): T
}

/**
 * Without a name: a pooler in transaction mode gives the next transaction another connection, which knows no statement
 * of that name, or another one.
 */
export function prepare<T>(query: Preparable<T>): T {
  return query.prepare('')
}
