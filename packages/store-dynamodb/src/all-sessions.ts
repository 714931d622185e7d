import type { AnyOwnerFilter, CleanupOptions, Page, SessionPage, SessionRecord } from '@bff/core'
import { matchesFilter, readHandlePage } from '@bff/core/store'
import { eachOf } from './at-once.ts'
import { active, all, due, matches } from './conditions.ts'
import type { Changes } from './owned-sessions.ts'
import { decodeSession, handleOf, IS_SESSION, sessionKey } from './record.ts'
import { type Expression, keyOf, type PageOf, type Table } from './table.ts'
import type { Item } from './values.ts'

/** The fewest items considered at once: of them, some are no sessions. */
const FEWEST = 100

/**
 * The sessions of every owner, as a scan of the whole table. It goes by the hash of the primary key, which no write
 * changes, and goes on behind a key regardless of whether its item is still there.
 */
export class AllSessions {
  readonly #table: Table
  readonly #changes: Pick<Changes, 'delete'>

  constructor(table: Table, changes: Pick<Changes, 'delete'>) {
    this.#table = table
    this.#changes = changes
  }

  /** A page considers at most as many sessions as its limit, however few of them match. */
  async list(filter: AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    const { limit, after } = readHandlePage(page)
    const considered: SessionRecord[] = []
    const from = after === null ? null : keyOf(sessionKey(after))
    for await (const { items } of this.#scan({ expression: IS_SESSION }, from, {
      limit: Math.max(limit, FEWEST),
    })) {
      considered.push(...items.map(decodeSession))
      if (considered.length > limit) break
    }
    const records = considered.slice(0, limit)
    return {
      records: records.filter((record) => matchesFilter(record, filter)),
      next: considered.length > limit ? (records.at(-1)?.handle ?? null) : null,
    }
  }

  async countActive(filter: AnyOwnerFilter, now: number): Promise<number> {
    let counted = 0
    const wanted = all(IS_SESSION, active(now), matches(filter))
    for await (const { count } of this.#scan(wanted, null, { only: 'count' })) counted += count
    return counted
  }

  /** Several processes may do so at once: each deletion is checked again, and counted once (STO-17). */
  async cleanup({
    now,
    limit,
    retainRevokedMs,
  }: CleanupOptions): Promise<{ deleted: number; more: boolean }> {
    const isDue = all('attribute_exists(#secretHash)', due(now, now - retainRevokedMs))
    let deleted = 0
    for await (const { items } of this.#scan(isDue, null, { only: 'keys' })) {
      for (let from = 0; from < items.length; ) {
        if (deleted >= limit) return { deleted, more: true }
        const some = items.slice(from, from + limit - deleted)
        const gone = await eachOf(some, (item) => this.#changes.delete(handleOf(item), isDue))
        deleted += gone.filter(Boolean).length
        from += some.length
      }
    }
    return { deleted, more: false }
  }

  async *#scan(
    filter: Expression,
    after: Item | null,
    options: Parameters<Table['scan']>[2],
  ): AsyncGenerator<PageOf> {
    let place = after
    do {
      const page = await this.#table.scan(filter, place, options)
      yield page
      place = page.next
    } while (place !== null)
  }
}
