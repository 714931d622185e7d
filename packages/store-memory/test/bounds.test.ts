import { Buffer } from 'node:buffer'
import { createAttachment } from '@bff/core/authoring'
import { DAY, handle, MINUTE, refuses, revocation, session } from '@bff/store-testkit/fixtures'
import { manualClock, START } from '@bff/test-support/clock'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { MemoryTtlStore } from '../src/ttl.ts'

const day = (days: number) => START + days * DAY
/** One that lives from `start` for a day. */
const daily = (name: string, start: number) => {
  const end = start + DAY
  return session(start, { handle: handle(name), userId: name, expiresAt: end, absoluteExpiresAt: end })
}

describe('sessions', () => {
  test('at maxSessions the expired make room first, then the longest revoked, then store_full [S1-11]', async () => {
    const { sessions, count } = memoryStore({ maxSessions: 3 })
    await sessions.create(daily('expired', day(-2)))
    await sessions.create(daily('revoked', day(0)))
    await sessions.create(daily('living', day(0)))
    await sessions.revoke(handle('revoked'), revocation(day(-1)))
    expect(count()).toBe(3)

    await sessions.create(daily('second', day(0)))
    expect(await sessions.get(handle('expired'))).toBeNull()
    expect(await sessions.get(handle('revoked'))).not.toBeNull()
    await sessions.create(daily('third', day(0)))
    expect(await sessions.get(handle('revoked'))).toBeNull()

    await refuses('store_full', () => sessions.create(daily('fourth', day(0))))
    expect(count()).toBe(3)
    for (const name of ['living', 'second', 'third'])
      expect(await sessions.countActive({ userId: name }, day(0))).toBe(1)
    await sessions.delete(handle('second'))
    await sessions.create(daily('fourth', day(0)))
    expect(count()).toBe(3)
  })

  test('at maxSessions whoever is evicted for the newcomer makes the room [S1-11]', async () => {
    const { sessions, count } = memoryStore({ maxSessions: 1 })
    await sessions.create(session(START, { handle: handle('old') }))
    const newcomer = session(START + 1, { handle: handle('new') })
    expect(await sessions.create(newcomer, { maxPerUser: 1 })).toEqual({ evicted: [handle('old')] })
    expect(count()).toBe(1)
  })

  test('what nobody cleans up is forgotten seven days after its end or revocation [S1-11]', async () => {
    const { sessions, count } = memoryStore()
    for (let index = 0; index < 500; index++) {
      const name = `s${index}`
      await sessions.create(daily(name, START + index * MINUTE * 60))
      if (index % 2 === 0) await sessions.revoke(handle(name), revocation(START + index * MINUTE * 60))
    }
    expect(count()).toBeLessThan(9 * 24)
    expect(await sessions.get(handle('s0'))).toBeNull()
    expect(await sessions.list({ userId: 's0' })).toEqual({ records: [], next: null })
    expect(await sessions.get(handle('s400'))).not.toBeNull()
  })

  test('the bytes of a Node Buffer are copied, which its own slice would not do [SS-26]', async () => {
    const { sessions } = memoryStore()
    const sealed = Buffer.from('sealed')
    await sessions.create(session(START, { accessTokenEncrypted: sealed }))
    sealed.fill(0)
    const record = await sessions.get(handle('session'))
    expect(Buffer.from(record?.accessTokenEncrypted ?? []).toString()).toBe('sealed')
  })
})

describe('short-lived values', () => {
  test('a system clock that steps neither lengthens nor ends the life of a value', async () => {
    const clock = manualClock()
    let step = 0
    const { ttl } = memoryStore({ clock: { ...clock, now: () => clock.now() + step } })
    await ttl.set('lease', 'holder', MINUTE)
    step = 60 * MINUTE
    expect(await ttl.get('lease')).toBe('holder')
    step = -60 * MINUTE
    clock.jump(MINUTE)
    expect(await ttl.setIfAbsent('lease', 'next', MINUTE)).toBe(true)
  })

  test('at maxEntries the dead make room first, then store_full [S1-11]', async () => {
    const clock = manualClock()
    const { ttl } = memoryStore({ maxEntries: 2, clock })
    await ttl.set('long', 'value', 10 * MINUTE)
    await ttl.set('short', 'value', MINUTE)
    await refuses('store_full', () => ttl.set('third', 'value', MINUTE))
    await refuses('store_full', () => ttl.setIfAbsent('third', 'value', MINUTE))
    await ttl.set('short', 'replaced', 2 * MINUTE)
    expect(await ttl.setIfAbsent('long', 'other', MINUTE)).toBe(false)
    clock.jump(2 * MINUTE)
    await ttl.set('third', 'value', MINUTE)
    expect(await ttl.get('long')).toBe('value')
    expect(await ttl.get('third')).toBe('value')
    await refuses('store_full', () => ttl.set('fourth', 'value', MINUTE))
    await ttl.take('third')
    await ttl.set('fourth', 'value', MINUTE)
  })

  test('dead values are swept by later writes, whatever the order they die in [S1-11]', async () => {
    const clock = manualClock()
    const ttl = new MemoryTtlStore({
      maxEntries: 100_000,
      attachment: createAttachment({ clock }),
      requireOpen: () => {},
    })
    for (let index = 0; index < 2000; index++) {
      await ttl.set(`key${index}`, 'value', 1000 * (1 + ((index * 7919) % 60)))
      clock.jump(1000)
      expect(ttl.size).toBeLessThanOrEqual(62)
    }
  })
})

test.each([
  ['maxSessions', 0],
  ['maxSessions', 1.5],
  ['maxEntries', -1],
  ['maxEntries', Number.NaN],
])('a bound that is not a whole number above zero is invalid_config: %s %s', (name, value) => {
  expect(() => memoryStore({ [name]: value })).toThrow(expect.objectContaining({ code: 'invalid_config' }))
})

test('an option there is not is invalid_config, with the known ones named', () => {
  const options = { maxEntries: 5, maxSession: 5 }
  expect(() => memoryStore(options)).toThrow(/Unknown option maxSession of memoryStore\. .*maxSessions/)
})
