import { type AttachContext, BffError, type TtlStore } from '@bff/core'
import type { Attachment } from '@bff/core/authoring'
import { requireTtl } from '@bff/core/store'
import { DeadlineHeap, type Due } from './deadline-heap.ts'

interface Entry extends Due {
  readonly key: string
  readonly value: string
}

export interface TtlOptions {
  readonly maxEntries: number
  readonly attachment: Attachment
  /** Throws when the store is closed. */
  readonly requireOpen: () => void
}

/** How many expired entries a write deletes: more than the one it may add, so that they cannot accumulate. */
const DELETED_PER_WRITE = 2

export class MemoryTtlStore implements TtlStore {
  readonly #entries = new Map<string, Entry>()
  readonly #deadlines = new DeadlineHeap<Entry>()
  readonly #options: TtlOptions

  constructor(options: TtlOptions) {
    this.#options = options
  }

  /** How many entries it keeps, including expired ones. */
  get size(): number {
    return this.#entries.size
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#live(key)
    this.#put(key, value, requireTtl(ttlMs))
  }

  async get(key: string): Promise<string | null> {
    return this.#live(key)?.value ?? null
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    const life = requireTtl(ttlMs)
    if (this.#live(key) !== null) return false
    this.#put(key, value, life)
    return true
  }

  async take(key: string): Promise<string | null> {
    const entry = this.#live(key)
    if (entry !== null) this.#remove(entry)
    return entry?.value ?? null
  }

  async extend(key: string, value: string, ttlMs: number): Promise<boolean> {
    const life = requireTtl(ttlMs)
    const entry = this.#live(key)
    if (entry?.value !== value) return false
    this.#deadlines.move(entry, this.#options.attachment.clock.monotonic() + life)
    return true
  }

  async compareAndDelete(key: string, value: string): Promise<boolean> {
    const entry = this.#live(key)
    if (entry?.value !== value) return false
    this.#remove(entry)
    return true
  }

  attach(context: AttachContext): void {
    this.#options.attachment.attach(context)
  }

  /** Returns the entry while it has not expired; deletes an expired one. */
  #live(key: string): Entry | null {
    this.#options.requireOpen()
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (this.#options.attachment.clock.monotonic() < entry.at) return entry
    this.#remove(entry)
    return null
  }

  #put(key: string, value: string, life: number): void {
    const now = this.#options.attachment.clock.monotonic()
    const former = this.#entries.get(key)
    if (former !== undefined) this.#remove(former)
    this.#cleanUp(now)
    if (this.#entries.size >= this.#options.maxEntries) throw new BffError('store_full')
    const entry = { key, value, at: now + life, slot: 0 }
    this.#entries.set(key, entry)
    this.#deadlines.add(entry)
  }

  #cleanUp(now: number): void {
    for (let left = DELETED_PER_WRITE; left > 0; left--) {
      const next = this.#deadlines.first()
      if (next === undefined || now < next.at) return
      this.#remove(next)
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key)
    this.#deadlines.remove(entry)
  }
}
