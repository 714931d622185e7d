import { and, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import type { TtlEngine } from '../shared/engine.ts'
import { slot } from '../shared/statements.ts'
import type { SqliteDb } from './db.ts'
import type { bffTtl } from './schema.ts'

/** Each operation is one statement. */
export function sqliteTtl(db: SqliteDb, t: typeof bffTtl): TtlEngine {
  const [key, value] = [sql.placeholder('key'), sql.placeholder('value')]
  const lives = gt(t.expiresAt, slot(t.expiresAt, 'now'))
  const holds = and(eq(t.key, key), eq(t.value, value), lives)
  const entry = { key, value, expiresAt: sql.placeholder('expiresAt') }
  const replaced = { target: t.key, set: { value: sql`excluded.value`, expiresAt: sql`excluded.expires_at` } }

  const set = db.insert(t).values(entry).onConflictDoUpdate(replaced).prepare()
  const setIfDead = db
    .insert(t)
    .values(entry)
    .onConflictDoUpdate({ ...replaced, setWhere: lte(t.expiresAt, slot(t.expiresAt, 'now')) })
    .prepare()
  const get = db
    .select({ value: t.value })
    .from(t)
    .where(and(eq(t.key, key), lives))
    .prepare()
  const take = db
    .delete(t)
    .where(and(eq(t.key, key), lives))
    .returning({ value: t.value })
    .prepare()
  const extend = db
    .update(t)
    .set({ expiresAt: slot(t.expiresAt, 'expiresAt') })
    .where(holds)
    .prepare()
  const remove = db.delete(t).where(holds).prepare()

  return {
    set: (key, value, expiresAt) => set.run({ key, value, expiresAt }),
    get: (key, now) => get.get({ key, now })?.value ?? null,
    setIfAbsent: (key, value, expiresAt, now) => setIfDead.run({ key, value, expiresAt, now }).changes > 0,
    take: (key, now) => take.get({ key, now })?.value ?? null,
    extend: (key, value, expiresAt, now) => extend.run({ key, value, expiresAt, now }).changes > 0,
    compareAndDelete: (key, value, now) => remove.run({ key, value, now }).changes > 0,
    sweep: (now, limit) => {
      const dead = db.select({ key: t.key }).from(t).where(lte(t.expiresAt, now)).limit(limit)
      return db.delete(t).where(inArray(t.key, dead)).run()
    },
  }
}
