import type { Clock, Stores } from '@bff/core'
import { createAttachment, option, readOptions } from '@bff/core/authoring'
import { inProcessEventBus } from '@bff/core/store'
import { MemorySessionStore } from './sessions.ts'
import { MemoryTtlStore } from './ttl.ts'

export interface MemoryStoreOptions {
  /** The most sessions it keeps, including expired and revoked ones. @default 100_000 */
  readonly maxSessions?: number
  /** The most short-lived values it keeps, such as refresh leases and sign-out marks. @default 100_000 */
  readonly maxEntries?: number
  /** Measures the lifetime of short-lived values with `monotonic()`. @default the clock of the BFF */
  readonly clock?: Clock
}

/** The stores of {@link memoryStore}. */
export interface MemoryStores extends Stores {
  /** Returns how many sessions it keeps, including expired and revoked ones. */
  count(): number
}

/**
 * Makes a store in the memory of this process: for tests, development, and a BFF in one process whose users may be signed
 * out when it restarts.
 *
 * When a limit is reached, it deletes expired and revoked entries; when all entries are active, writes throw `store_full`.
 * Closing `sessions` closes `ttl` too.
 *
 * @throws BffError `invalid_config` when a limit is not a whole number above zero, or for an unknown option
 * @example
 * ```ts
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const store = memoryStore({ maxSessions: 10_000 })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStores {
  const { maxSessions, maxEntries, ...own } = readOptions('memoryStore', options, {
    maxSessions: option.wholeNumber(100_000, 1),
    maxEntries: option.wholeNumber(100_000, 1),
    clock: option.clock(),
  })
  const sessions = new MemorySessionStore(maxSessions)
  const attachment = createAttachment(own)
  const ttl = new MemoryTtlStore({ maxEntries, attachment, requireOpen: sessions.requireOpen })
  return { sessions, ttl, events: inProcessEventBus(), count: () => sessions.size }
}
