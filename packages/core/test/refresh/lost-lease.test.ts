import { expect, test } from 'vitest'
import { harness, LIFE_MS, outage, withMethods } from './harness.ts'

/** A TTL store that does what it is asked, and loses the answers a test says. */
function losing(
  house: ReturnType<typeof harness>,
  lose: { setIfAbsent?: number; compareAndDelete?: number },
) {
  const { ttl } = house.stores
  const left = { setIfAbsent: 0, compareAndDelete: 0, ...lose }
  return withMethods(ttl, {
    setIfAbsent: async (...args) => {
      const answer = await ttl.setIfAbsent(...args)
      return left.setIfAbsent-- > 0 ? outage() : answer
    },
    compareAndDelete: (...args) => (left.compareAndDelete-- > 0 ? outage() : ttl.compareAndDelete(...args)),
  })
}

test('a lease whose answer was lost is taken back at once, and the next request refreshes', async () => {
  const house = harness()
  const { clock, process, signIn, stores, provider } = house
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  const refresher = process({ ttl: losing(house, { setIfAbsent: 1 }) })
  await expect(refresher.ensureFresh(session)).rejects.toMatchObject({ code: 'store_unavailable' })
  await clock.settle()
  expect(await stores.ttl.get(`refresh:${session.handle}`)).toBeNull()
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
  expect(provider.calls).toHaveLength(1)
})

test('a lease that cannot be taken back at once is taken back within a second, for other processes too', async () => {
  const house = harness()
  const { clock, process, signIn, provider } = house
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  const unlucky = process({ ttl: losing(house, { setIfAbsent: 1, compareAndDelete: 2 }) })
  await expect(unlucky.ensureFresh(session)).rejects.toMatchObject({ code: 'store_unavailable' })
  const began = clock.now()
  expect(await clock.run(process().ensureFresh(session))).toMatchObject({ version: 2 })
  expect(clock.now() - began).toBeLessThan(1_500)
  expect(provider.calls).toHaveLength(1)
})

test('a write that arrives after it was given up is found by the next request of its process', async () => {
  const house = harness()
  const { clock, process, signIn, stores } = house
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  const late: Array<() => Promise<unknown>> = []
  const ttl = withMethods(stores.ttl, {
    setIfAbsent: (...args) => {
      if (late.length > 0) return stores.ttl.setIfAbsent(...args)
      late.push(() => stores.ttl.setIfAbsent(...args))
      return outage()
    },
  })
  const refresher = process({ ttl })
  await expect(refresher.ensureFresh(session)).rejects.toMatchObject({ code: 'store_unavailable' })
  await clock.advance(10_000)
  await late[0]?.()
  const began = clock.now()
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
  expect(clock.now() - began).toBeLessThan(200)
})

test('a lease that could not be given back after a failed refresh does not hold up the next', async () => {
  const house = harness()
  const { clock, process, signIn, provider } = house
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  provider.script.push(() => {
    throw new Error('socket hang up')
  })
  const refresher = process({ ttl: losing(house, { compareAndDelete: 1 }) })
  await expect(clock.run(refresher.ensureFresh(session))).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
  const began = clock.now()
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
  expect(clock.now() - began).toBeLessThan(200)
})

test('taking back ends nobody else, and goes on for eight seconds at most', async () => {
  const house = harness()
  const { clock, process, signIn, stores } = house
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  const key = `refresh:${session.handle}`
  await stores.ttl.set(key, 'somebody else', LIFE_MS)
  const refresher = process({ ttl: losing(house, { setIfAbsent: 1 }) })
  await expect(refresher.ensureFresh(session)).rejects.toMatchObject({ code: 'store_unavailable' })
  await clock.advance(8_000)
  expect(await stores.ttl.get(key)).toBe('somebody else')
  expect(clock.sleepers).toBe(0)
})
