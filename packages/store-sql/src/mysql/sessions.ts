import { createHash } from 'node:crypto'
import sql, { join, type Sql } from 'sql-template-tag'
import type { MysqlClient, MysqlQuery, MysqlResult, Row, SqlStatement } from '../port.ts'
import { all, type Conditions, type SessionColumn } from '../sql/conditions.ts'
import { finished, prepared } from '../sql/dialect.ts'
import {
  assignments,
  type Changes,
  conditionsOnOne,
  insertRow,
  insertSlots,
  recordColumns,
  touch,
} from '../sql/statements.ts'
import type { Table } from '../sql/table.ts'
import type { TtlColumn } from '../sql/ttl.ts'
import type { SessionEngine } from '../store/engine.ts'
import { readDriverError } from '../store/errors.ts'
import { recordReader } from '../store/record.ts'
import { mysql } from './dialect.ts'

/**
 * Sign-ins of one user queue at a row, to avoid deadlocks on the user's sessions. Users share this many rows: few enough to
 * keep permanently, enough not to wait for each other.
 */
const LOCKS = 256
const NO_LIMIT = Number.MAX_SAFE_INTEGER
const READ_COMMITTED = 'read committed'

/**
 * There is no UPDATE RETURNING: a method that returns a row updates it and reads it back in one transaction, in which the
 * row is locked.
 */
export function mysqlSessions(
  client: MysqlClient,
  t: Table<SessionColumn>,
  locks: Table<TtlColumn>,
  conditions: Conditions,
): SessionEngine {
  const s = mysqlStatements(t)
  const readRecord = recordReader(mysql.codecs)
  const columns = recordColumns(t, mysql)
  const run = ({ text, values }: SqlStatement, query: MysqlQuery = client.query) => query(text, values)
  const ask = (statement: Sql, query?: MysqlQuery) => run(finished(mysql, statement), query)
  const read = async (id: string, query?: MysqlQuery) => {
    const [row] = (await run(s.find({ id }), query)).rows
    return row === undefined ? null : readRecord(row)
  }
  const among = (ids: readonly string[]) => sql`${t.column('id')} in (${join(ids)})`
  const change = (changes: Changes, where: Sql) =>
    sql`update ${t.sql} set ${assignments(t, mysql, changes)} where ${where}`
  const isUnrevoked = (id: string) =>
    all(sql`${t.column('id')} = ${id}`, sql`${t.column('revokedAt')} is null`)
  const changeOne = (id: string, changes: Changes, where: Sql) =>
    client.transaction(async (query) => {
      const { affectedRows } = await ask(change(changes, where), query)
      return affectedRows === 0 ? null : read(id, query)
    })

  return {
    insert: (row) => unlessTaken(() => run(s.insert({ ...row }))),
    insertCapped: (row, keep, revocation) =>
      client.transaction(async (query) => {
        await ask(lockOf(locks, row.userId), query)
        if (!(await unlessTaken(() => ask(insertRow(t, mysql, row), query)))) return null
        const others = all(conditions.othersActive(row), conditions.isNot(row.id))
        const oldest = sql`select ${t.bare('id')}, ${t.bare('createdAt')} from ${t.sql} where ${others}
          order by ${conditions.newestFirst} limit ${NO_LIMIT} offset ${keep} for update`
        const { rows } = await ask(oldest, query)
        if (rows.length > 0) await ask(change(revocation, among(idsOf(rows))), query)
        return rows.map(([id, createdAt]) => ({ id: String(id), createdAt: Number(createdAt) }))
      }, READ_COMMITTED),
    find: (id) => read(id),
    update: (id, patch, ifVersion) => {
      const isAtVersion = sql`${t.column('version')} = ${ifVersion}`
      return changeOne(id, patch as Changes, all(isUnrevoked(id), isAtVersion))
    },
    async touch(id, at, expiresAt) {
      if (isAny(await run(s.touch({ id, at, expiresAt })))) return true
      // Without FOUND_ROWS a touch that moves nothing counts no row: then its effect is there already.
      const record = await read(id)
      if (record === null || record.revocation !== null || record.lastAccessedAt < at) return false
      return record.expiresAt >= Math.min(expiresAt, record.absoluteExpiresAt)
    },
    revoke: (id, revocation) => changeOne(id, revocation, isUnrevoked(id)),
    revokeWhere: (where, revocation) =>
      client.transaction(async (query) => {
        const found = await ask(sql`select ${t.bare('id')} from ${t.sql} where ${where} for update`, query)
        if (found.rows.length === 0) return []
        const ids = among(idsOf(found.rows))
        await ask(change(revocation, ids), query)
        return (await ask(sql`select ${columns} from ${t.sql} where ${ids}`, query)).rows.map(readRecord)
      }, READ_COMMITTED),
    delete: async (id) => isAny(await run(s.delete({ id }))),
    deleteWhere: async (where) => (await ask(sql`delete from ${t.sql} where ${where}`)).affectedRows,
    deleteSome: (where, limit) =>
      client.transaction(async (query) => {
        const some = sql`select ${t.bare('id')} from ${t.sql} where ${where} limit ${limit} for update skip locked`
        const { rows } = await ask(some, query)
        if (rows.length === 0) return 0
        return (await ask(sql`delete from ${t.sql} where ${among(idsOf(rows))}`, query)).affectedRows
      }, READ_COMMITTED),
    exists: async (where) =>
      (await ask(sql`select ${t.bare('id')} from ${t.sql} where ${where} limit 1`)).rows.length > 0,
    page: async (where, limit, order) => {
      const page = sql`where ${where} order by ${order} limit ${limit}`
      return (await ask(sql`select ${columns} from ${t.sql} ${page}`)).rows.map(readRecord)
    },
    count: async (where) =>
      Number((await ask(sql`select count(*) from ${t.sql} where ${where}`)).rows[0]?.[0]),
    ping: () => client.query('select 1', []),
  }
}

function mysqlStatements(t: Table<SessionColumn>) {
  const { isIt } = conditionsOnOne(t)
  return {
    insert: prepared(mysql, insertSlots(t, mysql)),
    find: prepared(mysql, sql`select ${recordColumns(t, mysql)} from ${t.sql} where ${isIt}`),
    touch: prepared(mysql, touch(t, mysql)),
    delete: prepared(mysql, sql`delete from ${t.sql} where ${isIt}`),
  }
}

/** Returns `false` when the engine's code says that the key is taken. */
export async function unlessTaken(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert()
    return true
  } catch (error) {
    if (readDriverError(error).code === 'ER_DUP_ENTRY') return false
    throw error
  }
}

/** Takes the row at which the sign-ins of a user queue. Keys of values are hashes, so no value can have its key. */
function lockOf(locks: Table<TtlColumn>, userId: string): Sql {
  const key = `lock:${createHash('sha256').update(userId).digest().readUInt32BE() % LOCKS}`
  const [keyColumn, value, end] = [locks.bare('key'), locks.bare('value'), locks.bare('expiresAt')]
  return sql`insert into ${locks.sql} (${keyColumn}, ${value}, ${end}) values (${key}, ${''}, ${NO_LIMIT})
    on duplicate key update ${value} = ${''}`
}

const isAny = ({ affectedRows }: MysqlResult): boolean => affectedRows > 0

function idsOf(rows: readonly Row[]): string[] {
  return rows.map(([id]) => String(id))
}
