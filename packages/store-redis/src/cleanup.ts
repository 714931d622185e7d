import type { CleanupOptions, SessionHandle } from '@bff/core'
import type { Connection } from './connection.ts'
import { ownersOf } from './earlier-layout.ts'
import { BUCKETS, type Keys } from './keys.ts'
import type { OwnerIndex } from './owner-index.ts'
import { decodeRecord } from './record.ts'
import { DUE, REMOVE } from './scripts.ts'

/** Deletes due sessions. Several processes may do so at once: each deletion is checked again, and counted once (STO-17). */
export class Cleanup {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #index: OwnerIndex

  constructor(connection: Connection, keys: Keys, index: OwnerIndex) {
    this.#connection = connection
    this.#keys = keys
    this.#index = index
  }

  async run({ now, limit, retainRevokedMs }: CleanupOptions): Promise<{ deleted: number; more: boolean }> {
    const before = [now, now - retainRevokedMs] as const
    let deleted = 0
    for (;;) {
      const due = await this.#due(before, limit - deleted)
      if (due.length === 0 || deleted >= limit) return { deleted, more: due.length > 0 }
      const gone = await Promise.all(
        due.slice(0, limit - deleted).map((handle) => this.#remove(handle, before)),
      )
      deleted += gone.filter(Boolean).length
    }
  }

  /** Completes a deletion in the indexes. Returns whether there was a session to delete. */
  async forget(handle: SessionHandle, removed: unknown): Promise<boolean> {
    if (removed === null) return false
    const [count, session] = removed as [number, Buffer | (Buffer | null)[] | null]
    const owners = Array.isArray(session) ? ownersOf(session) : session && decodeRecord(handle, session)
    if (owners !== null) await this.#index.remove(owners, handle)
    return count === 1
  }

  async #remove(handle: SessionHandle, before: readonly [number, number]): Promise<boolean> {
    const keys = this.#keys.session(handle)
    return this.forget(handle, await this.#connection.script(REMOVE, keys, [handle, ...before]))
  }

  /** Returns due handles of all buckets, spread evenly; empty only when no handle is due. */
  async #due(before: readonly [number, number], wanted: number): Promise<SessionHandle[]> {
    const count = Math.max(1, Math.ceil((4 * wanted) / BUCKETS))
    const found = await Promise.all(
      Array.from({ length: BUCKETS }, (_, bucket) =>
        this.#connection.script(DUE, this.#keys.due(bucket), [...before, count]),
      ),
    )
    return found.flat().map((handle) => String(handle) as SessionHandle)
  }
}
