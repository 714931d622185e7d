import { manualClock } from '@bff/test-support/clock'
import { expect, it, onTestFinished } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { handle, session } from '../../../store-testkit/src/fixtures.ts'
import {
  BffError,
  type BffEvent,
  createBff,
  generateEncryptionKey,
  type SessionHandle,
  type Stores,
} from '../../src/index.ts'
import { inProcessEventBus, sessionCache, withPartition } from '../../src/store/index.ts'
import { request } from '../world.ts'

const KEY = generateEncryptionKey()

/** The event bus between two processes, whose messages a test cuts off, holds up or delays. */
function cable(clock = manualClock()) {
  const bus = inProcessEventBus()
  const waiting: (() => Promise<void>)[] = []
  const state = { mode: 'open' as 'open' | 'cut' | 'paused', delayMs: 0, subscribers: 0 }
  const events: Stores['events'] = {
    async publish(topic, event) {
      if (state.mode === 'cut') throw new Error('The bus is cut.')
      const pass = () => bus.publish(topic, event)
      if (state.mode === 'paused') waiting.push(pass)
      else if (state.delayMs > 0) void clock.sleep(state.delayMs).then(pass)
      else await pass()
    },
    async subscribe(topic, handler) {
      const end = await bus.subscribe(topic, handler)
      state.subscribers++
      return async () => {
        state.subscribers--
        await end()
      }
    },
  }
  return {
    state,
    events,
    release: async (count = waiting.length) => {
      for (const pass of waiting.splice(0, count)) await pass()
    },
  }
}

/** Two processes, with a cache each, on one store. */
function processes(options: Parameters<typeof sessionCache>[0] = {}) {
  const clock = manualClock()
  const wire = cable(clock)
  const backend = memoryStore({ clock })
  const make = (wrap: (stores: Stores) => Stores = (stores) => stores) => {
    const reads = { count: 0, hold: async () => {} }
    const seen: BffEvent[] = []
    const sessions = Object.assign(Object.create(backend.sessions), {
      get: async (handle: SessionHandle) => {
        reads.count++
        const record = await backend.sessions.get(handle)
        await reads.hold()
        return record
      },
      close: async () => {},
    })
    const bff = createBff({
      origin: 'https://app.example.com',
      store: wrap({ ...backend, sessions: bound(sessions), events: wire.events }),
      encryptionKeys: [KEY],
      clock,
      onEvent: (event) => seen.push(event),
      cache: sessionCache(options),
    })
    const ask = (cookie: string) =>
      bff.getSession(request('GET', '/orders', { cookie, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }))
    return { bff, reads, seen, ask }
  }
  return { clock, wire, make, backend }
}

/** Methods of the store that keep their own object. */
function bound(sessions: Stores['sessions']): Stores['sessions'] {
  return new Proxy(sessions, {
    get(target, name) {
      const owner = Object.hasOwn(target, name) ? target : Object.getPrototypeOf(target)
      const value = Reflect.get(owner, name, owner)
      return typeof value === 'function' ? value.bind(owner) : value
    },
  })
}

/** Signs in at the first process, and lets both caches begin. */
async function signedIn(options?: Parameters<typeof sessionCache>[0]) {
  const all = processes(options)
  const [here, there] = [all.make(), all.make()]
  const { session, cookie: set } = await here.bff.sessions.create({
    userId: 'alice',
    metadata: { plan: 'free' },
  })
  const cookie = set.split(';', 1)[0] ?? ''
  for (const { ask } of [here, there]) await ask(cookie)
  await all.clock.advance(1)
  for (const { ask } of [here, there]) await ask(cookie)
  here.reads.count = 0
  there.reads.count = 0
  return { ...all, here, there, session, cookie }
}

it('answers requests without the store, and reads it again after maxStaleMs', async () => {
  const { clock, here, cookie } = await signedIn()
  for (let use = 0; use < 5; use++) expect((await here.ask(cookie))?.userId).toBe('alice')
  expect(here.reads.count).toBe(0)
  await clock.advance(999)
  await here.ask(cookie)
  expect(here.reads.count).toBe(0)
  await clock.advance(1)
  await here.ask(cookie)
  expect(here.reads.count).toBe(1)
})

it.each([1_000, -1_000])(
  'reads the store again when the time of day moved by %i ms: a suspended host stops the monotonic clock',
  async (moved) => {
    const { clock, here, cookie } = await signedIn()
    clock.step(moved - Math.sign(moved))
    await here.ask(cookie)
    expect(here.reads.count).toBe(0)
    clock.step(Math.sign(moved))
    await here.ask(cookie)
    expect(here.reads.count).toBe(1)
  },
)

it('a sign-in whose outcome is unknown may have evicted a session: the cache does not answer with it', async () => {
  const clock = manualClock()
  const { events, sessions, ttl } = memoryStore({ clock })
  const lost = async (...created: Parameters<typeof sessions.create>) => {
    await sessions.create(...created)
    throw new BffError('store_unavailable')
  }
  const stores = { events, ttl, sessions: bound(Object.assign(Object.create(sessions), { create: lost })) }
  const cache = sessionCache()({ stores, clock, emit: () => {} })
  const [old, fresh] = [session(clock.now(), { handle: handle('old') }), session(clock.now())]
  await sessions.create(old)
  await cache.read(old.handle)
  await clock.advance(1)
  await cache.read(old.handle)
  expect(cache.peek(old.handle)?.handle).toBe(old.handle)
  await expect(cache.sessions.create(fresh, { maxPerUser: 1 })).rejects.toThrow('does not answer')
  expect(cache.peek(old.handle)).toBeUndefined()
  expect(await cache.read(old.handle)).toMatchObject({ revocation: { reasonCode: 'session_limit' } })
  await cache.sessions.close()
})

it('the endpoints of the BFF read the store', async () => {
  const { here, cookie } = await signedIn()
  const view = () =>
    request('GET', '/bff/session', { cookie, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' })
  await here.bff.handle(view())
  await here.bff.handle(view())
  expect(here.reads.count).toBe(2)
})

it('a session that was ended here is gone at once, and elsewhere with the event', async () => {
  const { here, there, session, cookie, clock } = await signedIn()
  await here.bff.sessions.revoke(session.handle)
  expect(await here.ask(cookie)).toBeNull()
  await clock.settle()
  expect(await there.ask(cookie)).toBeNull()
})

it('signing out everywhere clears the cache', async () => {
  const { here, there, cookie, clock } = await signedIn()
  await here.bff.sessions.revokeAll({ userId: 'alice' })
  expect(await here.ask(cookie)).toBeNull()
  await clock.settle()
  expect(await there.ask(cookie)).toBeNull()
})

it('with the bus cut, paused or delayed, an end is seen elsewhere after maxStaleMs at the latest, and the cache is off', async () => {
  for (const fault of ['cut', 'paused', 'delayed'] as const) {
    const { here, there, session, cookie, clock, wire, backend } = await signedIn()
    if (fault === 'delayed') wire.state.delayMs = 5_000
    else wire.state.mode = fault
    // The last moment at which the other process has just read the session.
    await clock.advance(1_000)
    there.reads.count = 0
    await there.ask(cookie)
    await here.bff.sessions.revoke(session.handle)
    await clock.advance(1_000)
    expect([fault, await there.ask(cookie)]).toEqual([fault, null])
    expect([fault, there.seen.some(({ type }) => type === 'cache.off')]).toEqual([fault, true])
    const again = await here.bff.sessions.create({ userId: 'bob' })
    const bob = again.cookie.split(';', 1)[0] ?? ''
    there.reads.count = 0
    for (let use = 0; use < 3; use++) expect(await there.ask(bob)).not.toBeNull()
    expect([fault, there.reads.count]).toEqual([fault, 3])
    await backend.sessions.close()
  }
})

it('is on again once pulses come back, and says both', async () => {
  const { there, cookie, clock, wire } = await signedIn()
  wire.state.mode = 'cut'
  await clock.advance(2_000)
  wire.state.mode = 'open'
  await clock.advance(1_000)
  await there.ask(cookie)
  there.reads.count = 0
  await there.ask(cookie)
  expect(there.reads.count).toBe(0)
  const said = there.seen.flatMap(({ type }) => (type.startsWith('cache.') ? [type] : []))
  expect(said).toEqual(['cache.on', 'cache.off', 'cache.on'])
  expect(there.seen).toContainEqual(
    expect.objectContaining({
      type: 'cache.off',
      cause: expect.objectContaining({ message: 'The bus is cut.' }),
    }),
  )
})

it('pulses that come back too late do not count', async () => {
  const { there, cookie, clock, wire } = await signedIn()
  wire.state.mode = 'paused'
  await clock.advance(3_000)
  there.reads.count = 0
  await wire.release(4)
  for (let use = 0; use < 2; use++) await there.ask(cookie)
  expect(there.reads.count).toBe(2)
})

it('is off from the moment at which the bus is silent for too long', async () => {
  const { here, there, clock, wire } = await signedIn()
  wire.state.mode = 'cut'
  await clock.advance(900)
  const { cookie: set } = await here.bff.sessions.create({ userId: 'bob' })
  const bob = set.split(';', 1)[0] ?? ''
  await there.ask(bob)
  there.reads.count = 0
  await there.ask(bob)
  expect(there.reads.count).toBe(0)
  await clock.advance(110)
  await there.ask(bob)
  expect(there.reads.count).toBe(1)
})

it('a read that an end overtook is not kept', async () => {
  const { here, there, session, cookie, clock } = await signedIn()
  await clock.advance(1_000)
  let release = () => {}
  there.reads.hold = () =>
    new Promise<void>((resolve) => {
      release = resolve
    })
  const reading = there.ask(cookie)
  await clock.settle()
  await here.bff.sessions.revoke(session.handle)
  await clock.settle()
  there.reads.hold = async () => {}
  release()
  // It read the session before the end; the next request must not.
  expect(await reading).not.toBeNull()
  expect(await there.ask(cookie)).toBeNull()
})

it('a new secret is accepted elsewhere at once, and a wrong one never', async () => {
  const { here, there, cookie } = await signedIn()
  const rotated = await here.bff.sessions.rotate(
    (await here.ask(cookie)) ?? expect.fail('There is no session.'),
  )
  const next = rotated?.cookie.split(';', 1)[0] ?? ''
  expect(next).not.toBe(cookie)
  expect((await there.ask(next))?.userId).toBe('alice')
  expect(await there.ask(`${cookie.slice(0, -4)}AAAA`)).toBeNull()
})

it('a session that expires is not answered from the cache', async () => {
  const { clock, there, cookie } = await signedIn({ maxStaleMs: 10_000 })
  clock.jump(8 * 3_600_000)
  expect(await there.ask(cookie)).toBeNull()
})

it('keeps no more than maxSessions', async () => {
  const { here, cookie } = await signedIn({ maxSessions: 1 })
  const { cookie: set } = await here.bff.sessions.create({ userId: 'bob' })
  await here.ask(set.split(';', 1)[0] ?? '')
  here.reads.count = 0
  await here.ask(cookie)
  expect(here.reads.count).toBe(1)
})

it('no request changes what another one gets', async () => {
  const { here, cookie } = await signedIn()
  const session = await here.ask(cookie)
  expect(() => Object.assign(session?.metadata ?? {}, { plan: 'paid' })).toThrow(TypeError)
  expect((await here.ask(cookie))?.metadata).toEqual({ plan: 'free' })
})

it('its pulses pass a partition, and it ends with the BFF', async () => {
  const { make, clock, wire } = processes()
  const { bff, reads, ask } = make((stores) => withPartition(stores, 'shop'))
  const { cookie: set } = await bff.sessions.create({ userId: 'alice' })
  const cookie = set.split(';', 1)[0] ?? ''
  await ask(cookie)
  await clock.advance(1)
  await ask(cookie)
  reads.count = 0
  await ask(cookie)
  expect(reads.count).toBe(0)
  await bff.close()
  expect([wire.state.subscribers, clock.sleepers]).toEqual([0, 0])
})

it('stuck work throws beside the pulse of a cache, and no time passes', async () => {
  const { clock, here } = await signedIn()
  onTestFinished(() => here.bff.close())
  const before = clock.now()
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('waits for something other than this clock')
  expect(clock.now()).toBe(before)
})
