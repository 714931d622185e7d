import type { Row, SqlClient, SqlStatement } from '@bff/store-sql'
import { type SQL, sql, type TablesRelationalConfig } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** Any drizzle instance on Postgres, with any driver and schema. */
export type PostgresDb = Pick<
  PgDatabase<PgQueryResultHKT, Record<string, unknown>, TablesRelationalConfig>,
  'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'
>

/** Runs the statements of the store on any driver that drizzle knows. */
export function clientOf(db: PostgresDb): SqlClient {
  return {
    query: (text, values) => run(db, { text, values }),
    batch: (statements) =>
      db.transaction(
        async (transaction) => {
          const results: Row[][] = []
          for (const statement of statements) results.push(await run(transaction, statement))
          return results
        },
        { isolationLevel: 'read committed' },
      ),
  }
}

async function run(db: Pick<PostgresDb, 'execute'>, statement: SqlStatement): Promise<Row[]> {
  const result: unknown = await db.execute(withParameters(statement))
  return rowsOf(result).map((row) => Object.values(row))
}

/** The placeholders are numbered from one, and drizzle numbers its own in the same way. */
function withParameters({ text, values }: SqlStatement): SQL {
  const parts = text.split(/\$\d+/)
  return sql.join(
    parts.flatMap((part, index) =>
      index === 0 ? [sql.raw(part)] : [sql`${sql.param(values[index - 1])}`, sql.raw(part)],
    ),
  )
}

/** Some drivers return the rows, others what contains them. */
function rowsOf(result: unknown): readonly object[] {
  if (Array.isArray(result)) return result
  return typeof result === 'object' && result !== null && 'rows' in result ? (result.rows as object[]) : []
}
