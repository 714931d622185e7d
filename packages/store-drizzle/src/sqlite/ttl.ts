import { and, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import type { TtlEngine } from '../shared/engine.ts'
import { once } from '../shared/once.ts'
import { slot } from '../shared/statements.ts'
import type { SqliteDb } from './db.ts'
import type { bffTtl } from './schema.ts'

/** Each operation is one statement; writes use `all` or `run`, as in `sqliteSessions`. */
export function sqliteTtl(db: SqliteDb, t: typeof bffTtl): TtlEngine {
  const s = once(() => prepareStatements(db, t))
  return {
    set: (key, value, expiresAt) => s().set.run({ key, value, expiresAt }),
    get: (key, now) => s().get.get({ key, now })?.value ?? null,
    setIfAbsent: (key, value, expiresAt, now) =>
      s().setIfDead.run({ key, value, expiresAt, now }).changes > 0,
    take: (key, now) => s().take.all({ key, now })[0]?.value ?? null,
    extend: (key, value, expiresAt, now) => s().extend.run({ key, value, expiresAt, now }).changes > 0,
    compareAndDelete: (key, value, now) => s().remove.run({ key, value, now }).changes > 0,
    sweep: (now, limit) => {
      const dead = db.select({ key: t.key }).from(t).where(lte(t.expiresAt, now)).limit(limit)
      return db.delete(t).where(inArray(t.key, dead)).run()
    },
  }
}

function prepareStatements(db: SqliteDb, t: typeof bffTtl) {
  const [key, value] = [sql.placeholder('key'), sql.placeholder('value')]
  const lives = gt(t.expiresAt, slot(t.expiresAt, 'now'))
  const livesUnderKey = and(eq(t.key, key), lives)
  const holds = and(livesUnderKey, eq(t.value, value))
  const entry = { key, value, expiresAt: sql.placeholder('expiresAt') }
  const replaced = { target: t.key, set: { value: sql`excluded.value`, expiresAt: sql`excluded.expires_at` } }
  const setWhere = lte(t.expiresAt, slot(t.expiresAt, 'now'))
  return {
    set: db.insert(t).values(entry).onConflictDoUpdate(replaced).prepare(),
    setIfDead: db
      .insert(t)
      .values(entry)
      .onConflictDoUpdate({ ...replaced, setWhere })
      .prepare(),
    get: db.select({ value: t.value }).from(t).where(livesUnderKey).prepare(),
    take: db.delete(t).where(livesUnderKey).returning({ value: t.value }).prepare(),
    extend: db
      .update(t)
      .set({ expiresAt: slot(t.expiresAt, 'expiresAt') })
      .where(holds)
      .prepare(),
    remove: db.delete(t).where(holds).prepare(),
  }
}
