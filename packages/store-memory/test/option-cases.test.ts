import { isBffError, type Stores } from '@bff/core'
import { handle, MINUTE, session } from '@bff/store-testkit/fixtures'
import { manualClock, START } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { type MemoryStoreOptions, memoryStore } from '../src/index.ts'

const clock = manualClock()

/** `kept`, or the code of what a store says of a write beyond its first. */
async function second(
  options: MemoryStoreOptions,
  write: (stores: Stores, name: string) => Promise<unknown>,
) {
  const stores = memoryStore(options)
  await write(stores, 'first')
  try {
    await write(stores, 'second')
    return 'kept'
  } catch (error) {
    return isBffError(error) ? error.code : error
  }
}

testOptions<MemoryStoreOptions>('MemoryStoreOptions', {
  maxSessions: {
    set: 1,
    see: (options) =>
      second(options, ({ sessions }, name) => sessions.create(session(START, { handle: handle(name) }))),
    shows: ['kept', 'store_full'],
  },
  maxEntries: {
    set: 1,
    see: (options) => second(options, ({ ttl }, name) => ttl.set(name, 'value', MINUTE)),
    shows: ['kept', 'store_full'],
  },
  clock: {
    set: clock,
    async see(options) {
      const { ttl } = memoryStore(options)
      await ttl.set('name', 'value', MINUTE)
      clock.jump(MINUTE)
      return ttl.get('name')
    },
    shows: ['value', null],
  },
})
