import { type Cursor, newestFirst, type SessionRecord } from '@bff/core'

interface Indexed {
  readonly record: SessionRecord
}

/** The sessions of each owner, oldest first, so that a new one is appended and no list needs sorting. */
export class OwnerIndex<T extends Indexed> {
  readonly #owners = new Map<string, T[]>()

  of(owner: string): readonly T[] {
    return this.#owners.get(owner) ?? []
  }

  add(owner: string | null, entry: T): void {
    if (owner === null) return
    const entries = this.#owners.get(owner)
    if (entries === undefined) this.#owners.set(owner, [entry])
    else entries.splice(countBefore(entries, entry.record), 0, entry)
  }

  remove(owner: string | null, entry: T): void {
    const entries = owner === null ? undefined : this.#owners.get(owner)
    if (owner === null || entries === undefined) return
    if (entries.length > 1) entries.splice(countBefore(entries, entry.record), 1)
    else this.#owners.delete(owner)
  }
}

/** How many entries are older than this place, by halving. */
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
