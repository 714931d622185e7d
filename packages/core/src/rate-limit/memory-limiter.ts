import type { Clock } from '../contracts/clock.ts'
import type { RateLimiter } from '../contracts/rate-limiter.ts'
import { createAttachment } from '../internal/attachment.ts'
import { clock, wholeNumber } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { bucketOf, decisionOf, take } from './token-bucket.ts'

export interface MemoryRateLimiterOptions {
  /** The most buckets it keeps, from 1 to 10_000_000; about 400 bytes each. @default 100_000 */
  readonly maxKeys?: number
  /** Only `monotonic()` is read. @default the clock of the BFF */
  readonly clock?: Clock
}

/** A limiter of this process. */
export interface MemoryRateLimiter extends RateLimiter {
  /** How many buckets it keeps now. */
  readonly size: number
}

interface Entry {
  readonly key: string
  /** When the bucket is full again, in microseconds. */
  fullAt: number
  /** `fullAt` as it was when the entry got its place in the queue; it may have grown since. */
  queuedAs: number
}

/**
 * Counts in the memory of this process, in a bounded amount of it (RLM-06).
 *
 * A full bucket is the same as no bucket, so the limiter removes it during other calls; there is no timer. When there are
 * too many buckets, it removes the one nearest to full. A client that floods the limiter with keys, to get its tokens back,
 * must spend more on each of those keys than on its own.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { memoryRateLimiter } from '@bff/core/rate-limit'
 *
 * const limiter = memoryRateLimiter()
 * const policy = { name: 'invitations', requestsPerMinute: 2, burst: 5 }
 * export const mayInvite = async (userId: string) => (await limiter.consume(userId, policy)).allowed
 * ```
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): MemoryRateLimiter {
  const { maxKeys, ...own } = readOptions('memoryRateLimiter', options, {
    maxKeys: wholeNumber(100_000, 1, 10_000_000),
    clock: clock(),
  })
  const attachment = createAttachment(own)
  const entries = new Map<string, Entry>()
  const queue = new EntryQueue()

  function drop(entry: Entry): void {
    queue.shift()
    entries.delete(entry.key)
  }

  /** Removes two entries for each new one, so that full buckets leave faster than they come. */
  function evict(now: number): void {
    for (let i = 0; i < 2; i++) {
      const first = queue.first()
      if (first !== null && (first.fullAt <= now || entries.size >= maxKeys)) drop(first)
    }
  }

  return {
    attach: attachment.attach,
    get size() {
      return entries.size
    },

    async consume(key, policy, cost = 1) {
      const bucket = bucketOf(policy, cost)
      const now = Math.floor(attachment.clock.monotonic() * 1000)
      const id = `${policy.name.length}:${policy.name}${key}`
      let entry = entries.get(id)
      const [allowed, missing] = take(bucket, (entry?.fullAt ?? now) - now, cost)
      if (entry === undefined) {
        evict(now)
        entry = { key: id, fullAt: now + missing, queuedAs: now + missing }
        entries.set(id, entry)
        queue.add(entry)
      } else entry.fullAt = now + missing
      return decisionOf(bucket, allowed, missing, cost)
    },

    async close() {
      entries.clear()
      queue.clear()
    },
  }
}

/** A heap of entries, the one that is full first in front; an entry that has grown moves back when it gets there. */
class EntryQueue {
  readonly #heap: Entry[] = []

  first(): Entry | null {
    for (;;) {
      const entry = this.#heap[0]
      if (entry === undefined || entry.fullAt <= entry.queuedAs) return entry ?? null
      entry.queuedAs = entry.fullAt
      this.#sink(entry)
    }
  }

  add(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    for (let parent = heap[(at - 1) >> 1]; at > 0 && parent !== undefined; parent = heap[(at - 1) >> 1]) {
      if (parent.queuedAs <= entry.queuedAs) break
      heap[at] = parent
      at = (at - 1) >> 1
    }
    heap[at] = entry
  }

  shift(): void {
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) this.#sink(last)
  }

  clear(): void {
    this.#heap.length = 0
  }

  /** Puts an entry where the first one was, and lets it sink. */
  #sink(entry: Entry): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
      const isRight = right !== undefined && left !== undefined && right.queuedAs < left.queuedAs
      const child = isRight ? right : left
      if (child === undefined || child.queuedAs >= entry.queuedAs) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = entry
  }
}
