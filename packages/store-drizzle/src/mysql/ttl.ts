import { and, eq, gt, lte, sql } from 'drizzle-orm'
import type { TtlEngine } from '../shared/engine.ts'
import { slot } from '../shared/statements.ts'
import { affected, type MysqlDb } from './db.ts'
import type { bffTtl } from './schema.ts'
import { unlessTaken } from './sessions.ts'

/** Each step is one statement; of several steps, the one that decides comes last. */
export function mysqlTtl(db: MysqlDb, t: typeof bffTtl): TtlEngine {
  const [key, value] = [sql.placeholder('key'), sql.placeholder('value')]
  const expiresAt = slot(t.expiresAt, 'expiresAt')
  const lives = gt(t.expiresAt, slot(t.expiresAt, 'now'))
  // `=` takes trailing spaces for nothing.
  const equal = and(eq(t.key, key), eq(t.value, value), sql`char_length(${t.value}) = char_length(${value})`)
  const entry = { key, value, expiresAt: sql.placeholder('expiresAt') }

  const set = db
    .insert(t)
    .values(entry)
    .onDuplicateKeyUpdate({ set: { value: slot(t.value, 'value'), expiresAt } })
    .prepare()
  const insert = db.insert(t).values(entry).prepare()
  const bury = db
    .delete(t)
    .where(and(eq(t.key, key), lte(t.expiresAt, slot(t.expiresAt, 'now'))))
    .prepare()
  const get = db
    .select({ value: t.value })
    .from(t)
    .where(and(eq(t.key, key), lives))
    .$withCache(false)
    .prepare()
  const extend = db.update(t).set({ expiresAt }).where(and(equal, lives)).prepare()
  const extended = db
    .select({ key: t.key })
    .from(t)
    .where(and(equal, eq(t.expiresAt, expiresAt)))
    .$withCache(false)
    .prepare()
  const remove = db.delete(t).where(and(equal, lives)).prepare()

  const read = async (key: string, now: number) => (await get.execute({ key, now }))[0]?.value ?? null
  const removeEqual = async (key: string, value: string, now: number) =>
    affected(await remove.execute({ key, value, now })) > 0

  return {
    set: (key, value, expiresAt) => set.execute({ key, value, expiresAt }),
    get: read,
    async setIfAbsent(key, value, expiresAt, now) {
      const fresh = () => unlessTaken(() => insert.execute({ key, value, expiresAt }))
      if (await fresh()) return true
      await bury.execute({ key, now })
      return fresh()
    },
    async take(key, now) {
      for (let value = await read(key, now); value !== null; value = await read(key, now)) {
        if (await removeEqual(key, value, now)) return value
      }
      return null
    },
    // Without FOUND_ROWS a row that has this end already does not count.
    extend: async (key, value, expiresAt, now) =>
      affected(await extend.execute({ key, value, expiresAt, now })) > 0 ||
      (await extended.execute({ key, value, expiresAt })).length > 0,
    compareAndDelete: removeEqual,
    sweep: (now, limit) => db.delete(t).where(lte(t.expiresAt, now)).limit(limit),
  }
}
