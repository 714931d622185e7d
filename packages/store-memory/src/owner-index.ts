import type { SessionRecord } from '@bff/core'
import { type Cursor, newestFirst } from '@bff/core/store'

interface Indexed {
  readonly record: SessionRecord
}

/** The sessions of each owner, oldest first, so that a new one is appended and no list needs sorting. */
export class OwnerIndex<T extends Indexed> {
  readonly #owners = new Map<string, T[]>()

  of(owner: string): readonly T[] {
    return this.#owners.get(owner) ?? []
  }

  /** Moves an entry from one owner to another; `null` means no owner. */
  move(entry: T, from: string | null, to: string | null): void {
    if (from === to) return
    if (from !== null) this.#remove(entry, from)
    if (to !== null) this.#add(entry, to)
  }

  #add(entry: T, owner: string): void {
    const entries = this.#owners.get(owner)
    if (entries === undefined) this.#owners.set(owner, [entry])
    else entries.splice(countBefore(entries, entry.record), 0, entry)
  }

  #remove(entry: T, owner: string): void {
    const entries = this.#owners.get(owner)
    if (entries?.length === 1) this.#owners.delete(owner)
    else entries?.splice(countBefore(entries, entry.record), 1)
  }
}

/** Counts the entries that are older than this position, by binary search. */
export function countBefore(entries: readonly Indexed[], place: Cursor): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = entries[middle]
    if (entry !== undefined && newestFirst(entry.record, place) > 0) low = middle + 1
    else high = middle
  }
  return low
}
