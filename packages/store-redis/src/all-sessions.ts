import {
  type AnyOwnerFilter,
  isActive,
  type Page,
  type SessionHandle,
  type SessionPage,
  type SessionRecord,
} from '@bff/core'
import { matchesFilter, readHandlePage } from '@bff/core/store'
import type { Connection } from './connection.ts'
import { BUCKETS, bucketOf, type Keys } from './keys.ts'
import { readValue } from './owned-sessions.ts'
import { decodeRecord, isWaiting } from './record.ts'
import { HANDLES } from './scripts.ts'

/** Sessions read at once. */
const BATCH = 200
/** Buckets read at once. */
const MOST_BUCKETS = 64

/**
 * The sessions of every owner: bucket after bucket, and by handle within a bucket. No write changes that order. SCAN would
 * visit keys, and its cursors are those of one node, which a failover or a resharding replaces; a bucket's handles are read
 * at once from the lists that cleanup goes by, which each script changes together with the session.
 */
export class AllSessions {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** A page considers at most as many sessions as its limit, however few of them match. */
  async list(filter: AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    const { limit, after } = readHandlePage(page)
    let handles: SessionHandle[] = []
    for await (const found of this.#handles(after, limit)) {
      handles = handles.concat(found)
      if (handles.length > limit) break
    }
    const considered = handles.slice(0, limit)
    const records = (await this.#read(considered)).filter((record) => matchesFilter(record, filter))
    return { records, next: handles.length > limit ? (considered.at(-1) ?? null) : null }
  }

  async countActive(filter: AnyOwnerFilter, now: number): Promise<number> {
    let active = 0
    for await (const handles of this.#handles(null, BATCH)) {
      const records = await this.#read(handles)
      active += records.filter((record) => isActive(record, now) && matchesFilter(record, filter)).length
    }
    return active
  }

  /** Yields the handles behind a position in order. It reads more buckets at once while they hold less than `wanted`. */
  async *#handles(after: SessionHandle | null, wanted: number): AsyncGenerator<SessionHandle[]> {
    const first = after === null ? 0 : bucketOf(after)
    for (let bucket = first, atOnce = 1; bucket < BUCKETS; ) {
      const buckets = Array.from({ length: Math.min(atOnce, BUCKETS - bucket) }, (_, index) => bucket + index)
      const found = (await Promise.all(buckets.map((one) => this.#bucket(one)))).flat()
      yield bucket === first && after !== null
        ? found.filter((handle) => bucketOf(handle) > first || handle > after)
        : found
      bucket += atOnce
      if (found.length < wanted) atOnce = Math.min(2 * atOnce, MOST_BUCKETS)
    }
  }

  async #bucket(bucket: number): Promise<SessionHandle[]> {
    const found = await this.#connection.script(HANDLES, this.#keys.due(bucket), [])
    return (found as Buffer[]).map((handle) => String(handle) as SessionHandle).sort()
  }

  /** Returns those that are sessions: neither gone by now, nor waiting, nor malformed. */
  async #read(handles: readonly SessionHandle[]): Promise<SessionRecord[]> {
    const records: SessionRecord[] = []
    for (let from = 0; from < handles.length; from += BATCH) {
      const batch = handles.slice(from, from + BATCH)
      const values = await this.#connection.run((link) =>
        Promise.all(batch.map((handle) => readValue(link, this.#keys.record(handle), handle))),
      )
      for (const [index, handle] of batch.entries()) {
        const value = values[index] ?? null
        if (value === null || value === 'malformed' || isWaiting(value)) continue
        const record = decodeRecord(handle, value)
        if (record !== null) records.push(record)
      }
    }
    return records
  }
}
