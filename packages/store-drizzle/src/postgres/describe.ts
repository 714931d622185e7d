import { sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { TableFacts } from '../shared/engine.ts'
import type { PostgresDb } from './db.ts'

export async function describePostgres(db: PostgresDb, table: PgTable): Promise<TableFacts> {
  const { schema, name } = getTableConfig(table)
  const relation = sql`to_regclass(${[schema, name].flatMap((part) => (part ? [`"${part}"`] : [])).join('.')})`
  const columns = await db
    .select({ name: sql<string>`attname` })
    .from(sql`pg_attribute`)
    .where(sql`attrelid = ${relation} and attnum > 0 and not attisdropped`)
  const indexColumns = sql<string>`(
    select string_agg(a.attname, ',' order by k.place)
    from unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum)`
  const indexes = await db
    .select({ unique: sql<boolean>`i.indisunique`, columns: indexColumns })
    .from(sql`pg_index i`)
    .where(sql`i.indrelid = ${relation} and i.indisvalid and i.indpred is null`)
  return {
    columns: columns.map((column) => column.name),
    indexes: indexes.map(({ unique, columns }) => ({ unique, columns: columns.split(',') })),
  }
}
