import { refuseUnknown } from '@bff/core/authoring'
import type { StoreOptions as SqlStoreOptions, SqlStores, TableName } from '@bff/store-sql'
import { type Column, getTableColumns, getTableName, type Table } from 'drizzle-orm'

/** The options that the stores of all engines share. */
export interface StoreOptions extends Pick<SqlStoreOptions, 'operationTimeoutMs' | 'maxPending' | 'clock'> {}

/** The stores of this package. Closing `sessions` closes all of them. */
export type DrizzleStores = SqlStores

/** What the stores of `@bff/store-sql` need to know: the names of the tables, and what to do when something is missing. */
export function sharedOptions(
  { operationTimeoutMs, maxPending, clock }: StoreOptions,
  engine: 'postgres' | 'mysql' | 'sqlite',
  tables: { readonly sessions: TableName; readonly ttl: TableName },
): SqlStoreOptions {
  return {
    ...(operationTimeoutMs !== undefined && { operationTimeoutMs }),
    ...(maxPending !== undefined && { maxPending }),
    ...(clock !== undefined && { clock }),
    tables,
    remedy: `Apply the migrations in drizzle/${engine} of @bff/store-drizzle.`,
  }
}

/** The names of a table, by those of its fields in TypeScript. */
export function namesOf(table: Table, schema?: string): TableName {
  const columns: Readonly<Record<string, Column>> = getTableColumns(table)
  return {
    name: getTableName(table),
    ...(schema !== undefined && { schema }),
    columns: Object.fromEntries(Object.entries(columns).map(([field, { name }]) => [field, name])),
  }
}

/** @throws BffError `invalid_config` for an option that does not exist */
export function refuseUnknownOptions(of: string, options: StoreOptions, own: readonly string[]): void {
  refuseUnknown(of, options, ['db', 'tables', 'operationTimeoutMs', 'maxPending', 'clock', ...own])
}
