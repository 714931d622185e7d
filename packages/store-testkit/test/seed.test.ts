import assert from 'node:assert/strict'
import { afterEach, expect, test, vi } from 'vitest'
import { memoryHarness } from '../../store-memory/test/harness.ts'
import { type StoreHarness, ttlStoreLaws } from '../src/index.ts'
import { chooseSeed, seedsFrom } from '../src/seed.ts'

afterEach(() => vi.unstubAllEnvs())

test('the environment chooses the seed; without it each run has another', () => {
  vi.stubEnv('BFF_STORE_SEED', '1234567890')
  expect(chooseSeed()).toBe(1_234_567_890)
  vi.stubEnv('BFF_STORE_SEED', 'twelve')
  expect(() => chooseSeed()).toThrow(/BFF_STORE_SEED must be a whole number/)
  vi.stubEnv('BFF_STORE_SEED', '')
  expect(new Set(Array.from({ length: 20 }, chooseSeed)).size).toBeGreaterThan(1)
})

test('a replay begins with the seed that failed', () => {
  expect(seedsFrom(seedsFrom(40, 5)[3] ?? 0, 5)[0]).toBe(43)
})

test('a failed history names its seed, and that seed makes the same calls', async () => {
  const [failure, calls] = await historyLaw(7)
  const [, seed = ''] = /BFF_STORE_SEED=(\d+)/.exec(failure) ?? []
  expect(seed).toBe('10')
  const [again, callsAgain] = await historyLaw(Number(seed))
  expect(again).toBe(failure)
  expect(calls.slice(-callsAgain.length)).toEqual(callsAgain)
})

/** What TS-10 says of a store that, for one key, lets anybody have what somebody has, and the calls it made. */
async function historyLaw(seed: number): Promise<[failure: string, calls: string[]]> {
  const calls: string[] = []
  const harness: StoreHarness = {
    open: async () => {
      const open = await memoryHarness.open()
      const ttl = new Proxy(open.stores.ttl, {
        get: (target, key) => async (name: string, value: string, life: number) => {
          calls.push(`${String(key)} ${name} ${value}`)
          if (key === 'setIfAbsent' && name === 'history 10') return true
          return Reflect.apply(Reflect.get(target, key), target, [name, value, life])
        },
      })
      return { ...open, stores: { ...open.stores, ttl } }
    },
  }
  let failure: Promise<string> = Promise.resolve('')
  const test = (name: string, run: () => Promise<void>) => {
    if (!name.startsWith('TS-10')) return
    failure = run().then(
      () => assert.fail('The law holds all the same.'),
      (error: Error) => error.message,
    )
  }
  ttlStoreLaws({ test, harness, seed })
  return [await failure, calls]
}
