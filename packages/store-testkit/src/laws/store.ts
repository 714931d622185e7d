import type { LawsOptions } from '../harness.ts'
import { eventBusLaws } from './event-bus.ts'
import { sessionStoreLaws } from './session-store.ts'
import { ttlStoreLaws } from './ttl-store.ts'

/**
 * Registers the laws of `SessionStore`, `TtlStore` and `EventBus`, one test each: the whole contract of a store package.
 *
 * @param options `test` of your runner, and a harness that opens the stores
 *
 * @example
 * ```ts
 * import { type StoreHarness, storeLaws } from '@bff/store-testkit'
 * import { type Clock, systemClock } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 * import { test } from 'vitest'
 *
 * const harness: StoreHarness = {
 *   open: async () => {
 *     let now = Date.UTC(2030, 0, 1)
 *     const clock: Clock = { ...systemClock, now: () => now, monotonic: () => now }
 *     const stores = memoryStore({ clock })
 *     return {
 *       stores,
 *       now: clock.now,
 *       advance: async (ms) => void (now += ms),
 *       peek: (handle) => stores.sessions.get(handle),
 *       close: () => stores.sessions.close(),
 *     }
 *   },
 * }
 *
 * storeLaws({ test, harness })
 * ```
 */
export function storeLaws(options: LawsOptions): void {
  sessionStoreLaws(options)
  ttlStoreLaws(options)
  eventBusLaws(options)
}
