import { createHash } from 'node:crypto'
import { and, count, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { type Conditions, plainRules, type Rules } from '../shared/conditions.ts'
import type { SessionEngine } from '../shared/engine.ts'
import { readDriverError } from '../shared/errors.ts'
import type { SessionRow } from '../shared/record.ts'
import { insertSlots, slot } from '../shared/statements.ts'
import { affected, type MysqlDb } from './db.ts'
import type { bffSessions, bffTtl } from './schema.ts'

type Sessions = typeof bffSessions
type Change = Partial<SessionRow>

/** Even the `_bin` collations ignore trailing spaces in comparisons. */
export const mysqlRules: Rules = {
  ...plainRules,
  equal: (column, value) => sql`(${column} = ${value} and char_length(${column}) = char_length(${value}))`,
}

/**
 * Sign-ins of one user queue at a row, to avoid deadlocks on the user's sessions. Users share this many rows: few enough to
 * keep permanently, enough not to wait for each other.
 */
const LOCKS = 256
const NO_LIMIT = Number.MAX_SAFE_INTEGER
const READ_COMMITTED = { isolationLevel: 'read committed' } as const

/**
 * There is no UPDATE RETURNING: a method that returns a row updates it and reads it back in one transaction, in which the
 * row is locked.
 */
export function mysqlSessions(
  db: MysqlDb,
  t: Sessions,
  locks: typeof bffTtl,
  conditions: Conditions,
): SessionEngine {
  const s = prepareStatements(db, t)
  const nextVersion = sql`${t.version} + 1`
  const isUnrevoked = (id: string) => and(eq(t.id, id), isNull(t.revokedAt))
  const changeOne = (id: string, change: Change, where: SQL | undefined) =>
    db.transaction(async (tx) => {
      const changed = affected(
        await tx
          .update(t)
          .set({ ...change, version: nextVersion })
          .where(where),
      )
      return changed === 0 ? undefined : (await tx.select().from(t).where(eq(t.id, id)))[0]
    })
  const find = async (id: string) => (await s.find.execute({ id }))[0]

  return {
    insert: (row) => unlessTaken(() => s.insert.execute({ ...row })),
    insertCapped: (row, keep, revocation) =>
      db.transaction(async (tx) => {
        const lock = { key: lockOf(row.userId), value: '', expiresAt: NO_LIMIT }
        await tx
          .insert(locks)
          .values(lock)
          .onDuplicateKeyUpdate({ set: { value: '' } })
        if (!(await unlessTaken(() => tx.insert(t).values(row)))) return null
        const evicted = await tx
          .select({ id: t.id, createdAt: t.createdAt })
          .from(t)
          .where(and(conditions.othersActive(row), ne(t.id, row.id)))
          .orderBy(...conditions.newestFirst)
          .limit(NO_LIMIT)
          .offset(keep)
          .for('update')
        if (evicted.length > 0) {
          await tx
            .update(t)
            .set({ ...revocation, version: nextVersion })
            .where(inArray(t.id, idsOf(evicted)))
        }
        return evicted
      }, READ_COMMITTED),
    find,
    update: (id, patch, ifVersion) => changeOne(id, patch, and(isUnrevoked(id), eq(t.version, ifVersion))),
    async touch(id, at, expiresAt) {
      if (affected(await s.touch.execute({ id, at, expiresAt })) > 0) return true
      // Without FOUND_ROWS a touch that moves nothing counts no row: then its effect is there already.
      const row = await find(id)
      if (row === undefined || row.revokedAt !== null || row.lastAccessedAt < at) return false
      return row.expiresAt >= Math.min(expiresAt, row.absoluteExpiresAt)
    },
    revoke: (id, revocation) => changeOne(id, revocation, isUnrevoked(id)),
    revokeWhere: (where, revocation) =>
      db.transaction(async (tx) => {
        const found = idsOf(await tx.select({ id: t.id }).from(t).where(where).for('update'))
        if (found.length === 0) return []
        await tx
          .update(t)
          .set({ ...revocation, version: nextVersion })
          .where(inArray(t.id, found))
        return tx.select().from(t).where(inArray(t.id, found))
      }, READ_COMMITTED),
    delete: async (id) => affected(await s.delete.execute({ id })) > 0,
    deleteWhere: async (where) => affected(await db.delete(t).where(where)),
    deleteSome: (where, limit) =>
      db.transaction(async (tx) => {
        const some = tx.select({ id: t.id }).from(t).where(where).limit(limit)
        const found = idsOf(await some.for('update', { skipLocked: true }))
        return found.length === 0 ? 0 : affected(await tx.delete(t).where(inArray(t.id, found)))
      }, READ_COMMITTED),
    exists: async (where) => (await db.select({ id: t.id }).from(t).where(where).limit(1)).length > 0,
    page: (where, limit) =>
      db
        .select()
        .from(t)
        .where(where)
        .orderBy(...conditions.newestFirst)
        .limit(limit)
        .$withCache(false),
    count: async (where) =>
      (await db.select({ n: count() }).from(t).where(where).$withCache(false))[0]?.n ?? 0,
    ping: () => db.execute(sql`select 1`),
  }
}

function prepareStatements(db: MysqlDb, t: Sessions) {
  const isIt = eq(t.id, sql.placeholder('id'))
  return {
    insert: db.insert(t).values(insertSlots()).prepare(),
    find: db.select().from(t).where(isIt).$withCache(false).prepare(),
    touch: db
      .update(t)
      .set({
        lastAccessedAt: sql`greatest(${t.lastAccessedAt}, ${slot(t.lastAccessedAt, 'at')})`,
        expiresAt: sql`greatest(${t.expiresAt}, least(${slot(t.expiresAt, 'expiresAt')}, ${t.absoluteExpiresAt}))`,
      })
      .where(and(isIt, isNull(t.revokedAt)))
      .prepare(),
    delete: db.delete(t).where(isIt).prepare(),
  }
}

/** Returns `false` when the engine's code says that the key is taken. */
export async function unlessTaken(insert: () => PromiseLike<unknown>): Promise<boolean> {
  try {
    await insert()
    return true
  } catch (error) {
    if (readDriverError(error).code === 'ER_DUP_ENTRY') return false
    throw error
  }
}

/** Returns the key of a lock. Keys of values are hashes, so no value can have such a key. */
function lockOf(userId: string): string {
  return `lock:${createHash('sha256').update(userId).digest().readUInt32BE() % LOCKS}`
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id)
}
