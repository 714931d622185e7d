import { BffError, type Clock, type Stores, systemClock } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { inProcessEventBus } from '@bff/core/store'
import { MemorySessionStore } from './sessions.ts'
import { MemoryTtlStore } from './ttl.ts'

export interface MemoryStoreOptions {
  /** Sessions kept at the most, dead ones included. @default 100_000 */
  readonly maxSessions?: number
  /** Short-lived values kept at the most, such as refresh leases and sign-out marks. @default 100_000 */
  readonly maxEntries?: number
  /** Measures the life of short-lived values by `monotonic()`. @default the system's clock */
  readonly clock?: Clock
}

/** What {@link memoryStore} makes. */
export interface MemoryStores extends Stores {
  /** How many sessions are kept, expired and revoked ones included. */
  count(): number
}

/**
 * Keeps everything in this process: for tests, development and a BFF that runs as one process and may sign
 * everybody out when it restarts.
 *
 * At a bound, what is dead makes room; when all are alive, writes throw `store_full`. Closing `sessions` closes
 * `ttl` too.
 *
 * @throws BffError `invalid_config` when a bound is not a whole number above zero, or for an unknown option
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStores {
  refuseUnknown('memoryStore', options, ['maxSessions', 'maxEntries', 'clock'])
  const { maxSessions = 100_000, maxEntries = 100_000, clock = systemClock } = options
  requireBound('maxSessions', maxSessions)
  requireBound('maxEntries', maxEntries)
  const sessions = new MemorySessionStore(maxSessions)
  const ttl = new MemoryTtlStore({ maxEntries, clock, requireOpen: sessions.requireOpen })
  return { sessions, ttl, events: inProcessEventBus(), count: () => sessions.size }
}

function requireBound(name: string, bound: number): void {
  if (Number.isInteger(bound) && bound > 0) return
  throw new BffError('invalid_config', `memoryStore: ${name} must be a whole number above zero.`)
}
