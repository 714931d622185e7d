import { and, count, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { type Conditions, plainRules, type Rules } from '../shared/conditions.ts'
import type { SessionEngine } from '../shared/engine.ts'
import type { SessionRow } from '../shared/record.ts'
import { byFields, insertSlots, slot, updateSlots } from '../shared/statements.ts'
import { type PostgresDb, prepare } from './db.ts'
import type { bffSessions } from './schema.ts'

type Table = typeof bffSessions

/** The first half of an advisory lock's key: it separates the store's locks from the app's. */
export const LOCK_SPACE = 0x62_66_66

/** The collation is named even if the column has it, because an app's own table may not have it. */
export const postgresRules: Rules = { ...plainRules, byteOrder: (column) => sql`${column} collate "C"` }

/** Each operation is one statement; only `insertCapped` needs a transaction. */
export function postgresSessions(db: PostgresDb, t: Table, conditions: Conditions): SessionEngine {
  const s = prepareStatements(db, t)
  // As an array it is evaluated once: more than its limit is never deleted, and rows are locked in one order.
  const among = (ids: object) => sql`${t.id} = any(array${ids})`
  return {
    insert: async (row) => (await s.insert.execute({ ...row })).length > 0,
    insertCapped: (row, keep, revocation) =>
      db.transaction(
        async (tx) => {
          await tx.execute(sql`select pg_advisory_xact_lock(${LOCK_SPACE}, hashtext(${row.userId}))`)
          const inserted = await tx
            .insert(t)
            .values(row)
            .onConflictDoNothing({ target: t.id })
            .returning({ id: t.id })
          if (inserted.length === 0) return null
          const evicted = tx
            .select({ id: t.id })
            .from(t)
            .where(and(conditions.othersActive(row), ne(t.id, row.id)))
            .orderBy(...conditions.newestFirst)
            .offset(keep)
          return tx
            .update(t)
            .set({ ...revocation, version: sql`${t.version} + 1` })
            .where(and(among(evicted), isNull(t.revokedAt)))
            .returning({ id: t.id, createdAt: t.createdAt })
        },
        // Each statement then sees what was committed while it waited for the lock.
        { isolationLevel: 'read committed' },
      ),
    find: async (id) => first(await s.find.execute({ id })),
    update: async (id, patch, ifVersion) => first(await s.update(patch).execute({ ...patch, id, ifVersion })),
    touch: async (id, at, expiresAt) => (await s.touch.execute({ id, at, expiresAt })).length > 0,
    revoke: async (id, revocation) => first(await s.revoke(revocation).execute({ ...revocation, id })),
    revokeWhere: (where, revocation) =>
      db
        .update(t)
        .set({ ...revocation, version: sql`${t.version} + 1` })
        .where(and(among(db.select({ id: t.id }).from(t).where(where).orderBy(t.id).for('update')), where))
        .returning(),
    delete: async (id) => (await s.delete.execute({ id })).length > 0,
    deleteWhere: async (where) => {
      const ids = db.select({ id: t.id }).from(t).where(where).orderBy(t.id).for('update')
      return (await db.delete(t).where(among(ids)).returning({ id: t.id })).length
    },
    deleteSome: async (where, limit) => {
      const ids = db
        .select({ id: t.id })
        .from(t)
        .where(where)
        .limit(limit)
        .for('update', { skipLocked: true })
      return (await db.delete(t).where(among(ids)).returning({ id: t.id })).length
    },
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
      first(await db.select({ n: count() }).from(t).where(where).$withCache(false))?.n ?? 0,
    ping: () => db.execute(sql`select 1`),
  }
}

function prepareStatements(db: PostgresDb, t: Table) {
  const isIt = eq(t.id, sql.placeholder('id'))
  const isUnrevoked = and(isIt, isNull(t.revokedAt))
  const change = (fields: readonly (keyof SessionRow)[], where: SQL | undefined) =>
    prepare(
      db
        .update(t)
        .set({ ...updateSlots(t, fields), version: sql`${t.version} + 1` })
        .where(where)
        .returning(),
    )
  return {
    insert: prepare(
      db.insert(t).values(insertSlots()).onConflictDoNothing({ target: t.id }).returning({ id: t.id }),
    ),
    find: prepare(db.select().from(t).where(isIt).$withCache(false)),
    update: byFields((fields: readonly (keyof SessionRow)[]) =>
      change(fields, and(isUnrevoked, eq(t.version, sql.placeholder('ifVersion')))),
    ),
    revoke: byFields((fields: readonly (keyof SessionRow)[]) => change(fields, isUnrevoked)),
    touch: prepare(
      db
        .update(t)
        .set({
          lastAccessedAt: sql`greatest(${t.lastAccessedAt}, ${slot(t.lastAccessedAt, 'at')})`,
          expiresAt: sql`greatest(${t.expiresAt}, least(${slot(t.expiresAt, 'expiresAt')}, ${t.absoluteExpiresAt}))`,
        })
        .where(isUnrevoked)
        .returning({ id: t.id }),
    ),
    delete: prepare(db.delete(t).where(isIt).returning({ id: t.id })),
  }
}

function first<T>(rows: readonly T[]): T | undefined {
  return rows[0]
}
