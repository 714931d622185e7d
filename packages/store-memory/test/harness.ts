import { type Clock, systemClock } from '@bff/core'
import type { OpenStores, StoreHarness } from '@bff/store-testkit'
import { type MemoryStoreOptions, memoryStore } from '../src/index.ts'

export const START = Date.UTC(2030, 0, 1)

/** A clock that stands still until it is advanced. */
export function handClock(start = START): Clock & { advance(ms: number): void } {
  let now = start
  return {
    ...systemClock,
    now: () => now,
    monotonic: () => now - start,
    advance: (ms) => {
      now += ms
    },
  }
}

export async function openMemoryStore(options: Omit<MemoryStoreOptions, 'clock'> = {}): Promise<OpenStores> {
  const clock = handClock()
  const stores = memoryStore({ ...options, clock })
  return {
    stores,
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => stores.sessions.get(handle),
    close: () => stores.sessions.close(),
  }
}

export const memoryHarness: StoreHarness = { open: () => openMemoryStore() }
