import type { SessionFilter, SessionHandle, SessionRecord } from '@bff/core'
import type { Cursor } from '@bff/core/store'
import type { Connection } from './connection.ts'
import type { Keys, Owners } from './keys.ts'
import { INDEX_ADD, INDEX_CONFIRM, INDEX_PAGE, INDEX_PRUNE } from './scripts.ts'

/** An entry of an index. It is a hint: only the record says who owns it (STO-06). */
export interface Entry extends Cursor {
  /** Whether the session may still be about to be written. */
  readonly pending: boolean
}

/** Entries of one index. */
export interface Entries {
  readonly key: string
  readonly entries: readonly Entry[]
}

/** The sessions of each owner. Each index is a key in its own slot, so it is written before the session. */
export class OwnerIndex {
  readonly #connection: Connection
  readonly #keys: Keys
  /** How long an index is kept after the absolute limit of its sessions. */
  readonly #graceMs: number

  constructor(connection: Connection, keys: Keys, graceMs: number) {
    this.#connection = connection
    this.#keys = keys
    this.#graceMs = graceMs
  }

  /**
   * Adds a session that is about to be written to its owners' indexes. Returns when the user's index admitted it, by the
   * server's clock, and some older entries to verify.
   */
  async add(record: SessionRecord): Promise<{ admitted: number; sampled: Entries[] }> {
    const added = await Promise.all(
      this.#keys.indexes(record).map(async (key) => {
        const found = await this.#connection.script(INDEX_ADD, [key], this.#entryOf(record))
        const [time, sample] = found as [Buffer, Buffer[]]
        const entries = sample.map((handle) => entry(handle.toString(), 0, false))
        return { admitted: Number(time.toString()), key, entries }
      }),
    )
    return { admitted: added[0]?.admitted ?? 0, sampled: added }
  }

  /** Confirms that a session is written. It also restores lost entries. */
  async confirm(record: SessionRecord): Promise<void> {
    await Promise.all(
      this.#keys
        .indexes(record)
        .map((key) => this.#connection.script(INDEX_CONFIRM, [key], this.#entryOf(record))),
    )
  }

  /** Removes a session that is deleted, or has a new owner, from these owners' indexes. */
  async remove(owners: Owners, handle: SessionHandle, except: readonly string[] = []): Promise<void> {
    const keys = this.#keys.indexes(owners).filter((key) => !except.includes(key))
    await Promise.all(keys.map((key) => this.prune(key, [handle])))
  }

  async prune(key: string, handles: readonly string[]): Promise<void> {
    if (handles.length > 0) await this.#connection.script(INDEX_PRUNE, [key], handles)
  }

  keysOf(owners: Owners): string[] {
    return this.#keys.indexes(owners)
  }

  /** Yields all entries that may match, newest first, after a position, in batches. */
  async *read(filter: SessionFilter, batch: number, after: Cursor | null = null): AsyncGenerator<Entries> {
    const key = this.#keys.index(filter)
    let place = after
    let count = batch
    for (;;) {
      const page = await this.#page(key, place, count)
      const entries = page.filter((found) => place === null || isBehind(found, place))
      if (entries.length > 0) yield { key, entries }
      if (page.length < count) return
      // Only ties with the position: read more.
      count = entries.length > 0 ? batch : 2 * count
      place = entries.at(-1) ?? place
    }
  }

  async #page(key: string, place: Cursor | null, count: number): Promise<Entry[]> {
    const from = place === null ? '-inf' : -place.createdAt
    const page = await this.#connection.script(INDEX_PAGE, [key], [from, count])
    const [found, marks] = page as [Buffer[], Buffer[]]
    const pending = new Set(marks.map((mark) => mark.toString().slice(1)))
    const entries: Entry[] = []
    for (let index = 0; index + 1 < found.length; index += 2) {
      const handle = String(found[index])
      entries.push(entry(handle, -Number(String(found[index + 1])), pending.has(handle)))
    }
    return entries
  }

  #entryOf({ handle, createdAt, updatedAt, absoluteExpiresAt }: SessionRecord): (string | number)[] {
    const life = Math.ceil(Math.max(0, absoluteExpiresAt - updatedAt) + this.#graceMs)
    return [handle, -createdAt, life]
  }
}

function entry(handle: string, createdAt: number, pending: boolean): Entry {
  return { handle: handle as SessionHandle, createdAt, pending }
}

function isBehind(found: Entry, place: Cursor): boolean {
  return (
    found.createdAt < place.createdAt || (found.createdAt === place.createdAt && found.handle > place.handle)
  )
}
