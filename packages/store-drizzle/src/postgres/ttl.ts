import { and, eq, gt, lte, sql } from 'drizzle-orm'
import type { TtlEngine } from '../shared/engine.ts'
import { slot } from '../shared/statements.ts'
import { type PostgresDb, prepare } from './db.ts'
import type { bffTtl } from './schema.ts'

/** Each operation is one statement. */
export function postgresTtl(db: PostgresDb, t: typeof bffTtl): TtlEngine {
  const [key, value] = [sql.placeholder('key'), sql.placeholder('value')]
  const expiresAt = slot(t.expiresAt, 'expiresAt')
  const lives = gt(t.expiresAt, slot(t.expiresAt, 'now'))
  const holds = and(eq(t.key, key), eq(t.value, value), lives)
  const entry = { key, value, expiresAt: sql.placeholder('expiresAt') }
  const replaced = { target: t.key, set: { value: sql`excluded.value`, expiresAt: sql`excluded.expires_at` } }

  const set = prepare(db.insert(t).values(entry).onConflictDoUpdate(replaced))
  const setIfDead = prepare(
    db
      .insert(t)
      .values(entry)
      .onConflictDoUpdate({ ...replaced, setWhere: lte(t.expiresAt, slot(t.expiresAt, 'now')) })
      .returning({ key: t.key }),
  )
  const get = prepare(
    db
      .select({ value: t.value })
      .from(t)
      .where(and(eq(t.key, key), lives))
      .$withCache(false),
  )
  const take = prepare(
    db
      .delete(t)
      .where(and(eq(t.key, key), lives))
      .returning({ value: t.value }),
  )
  const extend = prepare(db.update(t).set({ expiresAt }).where(holds).returning({ key: t.key }))
  const remove = prepare(db.delete(t).where(holds).returning({ key: t.key }))

  return {
    set: (key, value, expiresAt) => set.execute({ key, value, expiresAt }),
    get: async (key, now) => (await get.execute({ key, now }))[0]?.value ?? null,
    setIfAbsent: async (key, value, expiresAt, now) =>
      (await setIfDead.execute({ key, value, expiresAt, now })).length > 0,
    take: async (key, now) => (await take.execute({ key, now }))[0]?.value ?? null,
    extend: async (key, value, expiresAt, now) =>
      (await extend.execute({ key, value, expiresAt, now })).length > 0,
    compareAndDelete: async (key, value, now) => (await remove.execute({ key, value, now })).length > 0,
    sweep: (now, limit) => {
      const dead = db
        .select({ key: t.key })
        .from(t)
        .where(lte(t.expiresAt, now))
        .limit(limit)
        .for('update', { skipLocked: true })
      return db.delete(t).where(sql`${t.key} = any(array${dead})`)
    },
  }
}
