import type { OpenStores, StoreHarness } from '@bff/store-testkit'
import { manualClock } from '@bff/test-support/clock'
import { type MemoryStoreOptions, memoryStore } from '../src/index.ts'

export async function openMemoryStore(options: Omit<MemoryStoreOptions, 'clock'> = {}): Promise<OpenStores> {
  const clock = manualClock()
  const stores = memoryStore({ ...options, clock })
  return {
    stores,
    now: clock.now,
    advance: async (ms) => clock.jump(ms),
    peek: (handle) => stores.sessions.get(handle),
    close: () => stores.sessions.close(),
  }
}

export const memoryHarness: StoreHarness = { open: () => openMemoryStore() }
