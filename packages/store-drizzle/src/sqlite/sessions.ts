import { and, count, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { type Conditions, plainRules, type Rules } from '../shared/conditions.ts'
import type { SessionEngine } from '../shared/engine.ts'
import { once } from '../shared/once.ts'
import type { SessionRow } from '../shared/record.ts'
import { byFields, insertSlots, slot, updateSlots } from '../shared/statements.ts'
import type { SqliteDb } from './db.ts'
import type { bffSessions } from './schema.ts'

type Table = typeof bffSessions

/** SQLite has no OFFSET without a LIMIT. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** Without statistics, SQLite's planner prefers the index on two columns, that of cleanup, to a user's. */
export const sqliteRules: Rules = { ...plainRules, unindexed: (column) => sql`+${column}` }

/**
 * Each operation is one statement, and takes one turn; `insertCapped` is a transaction that locks at once (STO-12). Writes
 * use `all` or `run`, never `get`, which leaves a statement after its first row, before it commits, and does not report a
 * failed commit.
 */
export function sqliteSessions(db: SqliteDb, t: Table, conditions: Conditions): SessionEngine {
  // Made on first use: none can be prepared while the table is missing, yet ping and check must answer.
  const s = once(() => prepareStatements(db, t))
  return {
    insert: (row) => s().insert.all({ ...row }).length > 0,
    insertCapped: (row, keep, revocation) =>
      db.transaction(
        () => {
          if (s().insert.all({ ...row }).length === 0) return null
          const evicted = db
            .select({ id: t.id })
            .from(t)
            .where(and(conditions.othersActive(row), ne(t.id, row.id)))
            .orderBy(...conditions.newestFirst)
            .limit(NO_LIMIT)
            .offset(keep)
          return db
            .update(t)
            .set({ ...revocation, version: sql`${t.version} + 1` })
            .where(inArray(t.id, evicted))
            .returning({ id: t.id, createdAt: t.createdAt })
            .all()
        },
        { behavior: 'immediate' },
      ),
    find: (id) => s().find.get({ id }),
    update: (id, patch, ifVersion) =>
      s()
        .update(patch)
        .all({ ...patch, id, ifVersion })[0],
    touch: (id, at, expiresAt) => s().touch.run({ id, at, expiresAt }).changes > 0,
    revoke: (id, revocation) =>
      s()
        .revoke(revocation)
        .all({ ...revocation, id })[0],
    revokeWhere: (where, revocation) =>
      db
        .update(t)
        .set({ ...revocation, version: sql`${t.version} + 1` })
        .where(where)
        .returning()
        .all(),
    delete: (id) => s().delete.run({ id }).changes > 0,
    deleteWhere: (where) => db.delete(t).where(where).run().changes,
    deleteSome: (where, limit) =>
      db
        .delete(t)
        .where(inArray(t.id, db.select({ id: t.id }).from(t).where(where).limit(limit)))
        .run().changes,
    exists: (where) => db.select({ id: t.id }).from(t).where(where).limit(1).all().length > 0,
    page: (where, limit) =>
      db
        .select()
        .from(t)
        .where(where)
        .orderBy(...conditions.newestFirst)
        .limit(limit)
        .all(),
    count: (where) => db.select({ n: count() }).from(t).where(where).get()?.n ?? 0,
    ping: () => db.get(sql`select 1`),
  }
}

function prepareStatements(db: SqliteDb, t: Table) {
  const isIt = eq(t.id, sql.placeholder('id'))
  const isUnrevoked = and(isIt, isNull(t.revokedAt))
  const change = (fields: readonly (keyof SessionRow)[], where: SQL | undefined) =>
    db
      .update(t)
      .set({ ...updateSlots(t, fields), version: sql`${t.version} + 1` })
      .where(where)
      .returning()
      .prepare()
  return {
    insert: db
      .insert(t)
      .values(insertSlots())
      .onConflictDoNothing({ target: t.id })
      .returning({ id: t.id })
      .prepare(),
    find: db.select().from(t).where(isIt).prepare(),
    update: byFields((fields: readonly (keyof SessionRow)[]) =>
      change(fields, and(isUnrevoked, eq(t.version, sql.placeholder('ifVersion')))),
    ),
    revoke: byFields((fields: readonly (keyof SessionRow)[]) => change(fields, isUnrevoked)),
    touch: db
      .update(t)
      .set({
        lastAccessedAt: sql`max(${t.lastAccessedAt}, ${slot(t.lastAccessedAt, 'at')})`,
        expiresAt: sql`max(${t.expiresAt}, min(${slot(t.expiresAt, 'expiresAt')}, ${t.absoluteExpiresAt}))`,
      })
      .where(isUnrevoked)
      .prepare(),
    delete: db.delete(t).where(isIt).prepare(),
  }
}
