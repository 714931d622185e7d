import sql, { type Sql } from 'sql-template-tag'
import { type Answer, map, type Row, type SqlClient, type SqlStatement } from '../port.ts'
import type { Evicted, SessionEngine } from '../store/engine.ts'
import { once } from '../store/once.ts'
import { type RevocationChange, recordReader, type SessionRow } from '../store/record.ts'
import { all, type Conditions, type SessionColumn } from './conditions.ts'
import { type Dialect, finished } from './dialect.ts'
import { assignments, type Changes, insertInto, recordColumns, sessionStatements } from './statements.ts'
import type { Table } from './table.ts'

/** Where engines with `RETURNING` differ. */
export interface Returning extends Dialect {
  /** The rows of the condition, for a write. */
  every(t: Table<SessionColumn>, where: Sql): Sql
  /** At most `limit` of them, passing over those that another worker writes. */
  some(t: Table<SessionColumn>, where: Sql, limit: number): Sql
  /** The rows whose ids a query returns. */
  chosen(t: Table<SessionColumn>, ids: Sql): Sql
  /** All but the first rows of a query. */
  skip(rows: number): Sql
  /**
   * Runs `insert` and, when the id was free, `evict` in one transaction that other sign-ins of the user wait for. Returns
   * the rows of both.
   */
  capped(
    client: SqlClient,
    t: Table<SessionColumn>,
    row: SessionRow,
    insert: Sql,
    evict: (condition: Sql) => Sql,
  ): Answer<readonly Row[]>
}

/**
 * Sessions on an engine that has `RETURNING`: each operation is one statement, only `insertCapped` needs a transaction.
 */
export function returningSessions(
  client: SqlClient,
  t: Table<SessionColumn>,
  dialect: Returning,
  conditions: Conditions,
): SessionEngine {
  // Made on first use: SQLite prepares none while the table is missing, yet ping and check must answer.
  const s = once(() => sessionStatements(t, dialect))
  const readRecord = recordReader(dialect.codecs)
  const readAll = (rows: readonly Row[]) => rows.map(readRecord)
  const readFirst = ([row]: readonly Row[]) => (row === undefined ? null : readRecord(row))
  const run = ({ text, values }: SqlStatement) => client.query(text, values, true)
  const ask = (statement: Sql) => {
    const { text, values } = finished(dialect, statement)
    return client.query(text, values)
  }
  const every = (where: Sql) => dialect.every(t, where)
  const [id, columns] = [t.bare('id'), recordColumns(t, dialect)]
  const revokeAll = (where: Sql, change: RevocationChange) =>
    sql`update ${t.sql} set ${assignments(t, dialect, change)} where ${where}`

  return {
    insert: (row) => map(run(s().insert({ ...row })), isAny),
    insertCapped(row, keep, revocation) {
      const others = all(conditions.othersActive(row), conditions.isNot(row.id))
      const evicted = sql`select ${id} from ${t.sql} where ${others}
        order by ${conditions.newestFirst} ${dialect.skip(keep)}`
      const returning = sql`returning ${columns}`
      const evict = (condition: Sql) => {
        const oldest = all(condition, dialect.chosen(t, evicted), conditions.unrevoked)
        return sql`${revokeAll(oldest, revocation)} ${returning}`
      }
      const answer = dialect.capped(client, t, row, sql`${insertInto(t, dialect, row)} ${returning}`, evict)
      return map(answer, (rows) => {
        const written = readAll(rows)
        const others = written.filter(({ handle }) => handle !== row.id)
        if (others.length === written.length) return null
        return others.map(({ handle, createdAt }): Evicted => ({ id: handle, createdAt }))
      })
    },
    find: (id) => map(run(s().find({ id })), readFirst),
    update: (id, patch, ifVersion) =>
      map(run(s().update(patch as Changes)({ ...patch, id, ifVersion })), readFirst),
    touch: (id, at, expiresAt) => map(run(s().touch({ id, at, expiresAt })), isAny),
    revoke: (id, change) => map(run(s().revoke(change)({ ...change, id })), readFirst),
    revokeWhere: (where, change) =>
      map(ask(sql`${revokeAll(every(where), change)} returning ${columns}`), readAll),
    delete: (id) => map(run(s().delete({ id })), isAny),
    deleteWhere: (where) =>
      map(ask(sql`delete from ${t.sql} where ${every(where)} returning ${id}`), ({ length }) => length),
    deleteSome: (where, limit) => {
      const some = dialect.some(t, where, limit)
      return map(ask(sql`delete from ${t.sql} where ${some} returning ${id}`), ({ length }) => length)
    },
    exists: (where) => map(ask(sql`select ${id} from ${t.sql} where ${where} limit 1`), isAny),
    page: (where, limit, order) => {
      const page = sql`where ${where} order by ${order} limit ${limit}`
      return map(ask(sql`select ${columns} from ${t.sql} ${page}`), readAll)
    },
    // Drivers return a large integer as text.
    count: (where) =>
      map(ask(sql`select count(*) from ${t.sql} where ${where}`), ([row]) => Number(row?.[0])),
    ping: () => client.query('select 1', []),
  }
}

const isAny = (rows: readonly Row[]): boolean => rows.length > 0
