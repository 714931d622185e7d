import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import type { BffConfig, Clock } from '../../src/index.ts'
import { jsonOf, world } from '../world.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/** A clock that jumps: nobody waits in these tests, so nothing needs to be woken on the way. */
function jumpingClock() {
  let now = Date.UTC(2030, 0, 1)
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    advance(ms: number) {
      now += ms
    },
  } satisfies Clock & { advance(ms: number): void }
}

interface Lives {
  readonly idleMs?: number
  readonly touchShare?: number
  readonly accessSeconds: number
  readonly refreshSeconds: number | null
}

/** A browser signed in at a provider whose tokens live so long, each refresh token from the refresh that gave it. */
async function signedIn({ idleMs, touchShare, accessSeconds, refreshSeconds }: Lives) {
  const session: BffConfig['session'] = {
    ...(idleMs === undefined ? {} : { idleTimeoutMs: idleMs }),
    ...(touchShare === undefined ? {} : { touchShare }),
    absoluteTimeoutMs: 365 * DAY,
  }
  const clock = jumpingClock()
  const store = memoryStore({ clock })
  const all = { ...world({ session, clock, store }), clock, store }
  all.provider.expiresIn = accessSeconds
  all.provider.refreshTokenExpiresIn = refreshSeconds
  const user = all.browser()
  await user.signIn()
  const calls = { get: 0, touch: 0, update: 0 }
  const { sessions } = all.store
  for (const name of ['get', 'touch', 'update'] as const) {
    const original = sessions[name].bind(sessions) as (...args: unknown[]) => unknown
    const counted = (...args: unknown[]) => {
      calls[name]++
      return original(...args)
    }
    Object.assign(sessions, { [name]: counted })
  }
  const use = async (how: Use): Promise<boolean> => {
    if (how === 'api') return (await user.fetch('GET', '/api/orders')).status === 200
    if (how === 'page') return (await all.bff.getSession(user.view('GET', '/'))) !== null
    return jsonOf(await user.fetch('GET', '/bff/session')).authenticated
  }
  return { ...all, user, use, calls }
}

const USES = ['api', 'page', 'session'] as const
type Use = (typeof USES)[number]

test('a session whose refresh token lives for 30 minutes is alive after six hours of a call every two minutes', async () => {
  for (const how of USES) {
    const { clock, use, provider } = await signedIn({ accessSeconds: 300, refreshSeconds: 1800 })
    for (let minutes = 0; minutes < 360; minutes += 2) {
      clock.advance(2 * MINUTE)
      expect([how, minutes, await use(how)]).toEqual([how, minutes, true])
    }
    const refreshes = provider.calls.filter((call) => call === 'refresh').length
    // Calls to the API need an access token each time; what only asks for the session renews the refresh token alone.
    expect([how, refreshes <= (how === 'api' ? 90 : 24)]).toEqual([how, true])
  }
})

test('a refresh token that lives shorter than its access token is renewed in time', async () => {
  const { clock, use, provider } = await signedIn({ accessSeconds: 3600, refreshSeconds: 1800 })
  for (let minutes = 0; minutes < 360; minutes += 10) {
    clock.advance(10 * MINUTE)
    expect(await use('api')).toBe(true)
  }
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(18)
})

test('a session that nobody uses ends with its refresh token, although it had been in use', async () => {
  const { clock, use } = await signedIn({ accessSeconds: 300, refreshSeconds: 1800 })
  for (let minutes = 0; minutes < 60; minutes += 2) {
    clock.advance(2 * MINUTE)
    await use('api')
  }
  clock.advance(30 * MINUTE + 1)
  expect(await use('api')).toBe(false)
})

test('a refresh token whose end the provider never moves costs a few refreshes, and ends its session', async () => {
  const { clock, use, provider } = await signedIn({ accessSeconds: 3600, refreshSeconds: 1800 })
  const end = clock.now() + 1_800_000
  provider.onRefresh = () => {
    provider.refreshTokenExpiresIn = Math.max(1, Math.floor((end - clock.now()) / 1000))
  }
  while (clock.now() + 1_000 < end) {
    expect(await use('page')).toBe(true)
    clock.advance(1_000)
  }
  expect(provider.calls.filter((call) => call === 'refresh').length).toBeLessThan(15)
  clock.advance(3_000)
  expect(await use('page')).toBe(false)
})

test('an outage of the provider costs a session nothing while its refresh token lives, and few calls', async () => {
  const { clock, use, provider } = await signedIn({ accessSeconds: 3600, refreshSeconds: 1800 })
  provider.onRefresh = () => {
    throw new Error('socket hang up')
  }
  clock.advance(20 * MINUTE)
  for (let seconds = 0; seconds < 60; seconds++) {
    expect(await use(USES[seconds % 3] ?? 'page')).toBe(true)
    clock.advance(1_000)
  }
  expect(provider.calls.filter((call) => call === 'refresh').length).toBeLessThanOrEqual(7)
  provider.onRefresh = () => {}
  clock.advance(MINUTE)
  expect(await use('page')).toBe(true)
  clock.advance(25 * MINUTE)
  expect(await use('page')).toBe(true)
})

test('a call to the API in an outage asks the provider once, also when both tokens are due', async () => {
  const { clock, user, provider } = await signedIn({ accessSeconds: 300, refreshSeconds: 1800 })
  provider.onRefresh = () => {
    throw new Error('socket hang up')
  }
  clock.advance(20 * MINUTE)
  expect((await user.fetch('GET', '/api/orders')).status).toBe(503)
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(1)
  provider.onRefresh = () => {}
  expect((await user.fetch('GET', '/api/orders')).status).toBe(200)
})

const lives = fc.record({
  idleMs: fc.integer({ min: 1_000, max: DAY }),
  touchShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
  accessSeconds: fc.integer({ min: 1, max: 86_400 }),
  refreshSeconds: fc.option(fc.integer({ min: 1, max: 86_400 }), { nil: null }),
})
const share = fc.double({ min: 0.01, max: 0.99, noNaN: true })

/** The longest pause between two uses that must not end a session. */
const shortestLife = ({ idleMs, refreshSeconds }: { idleMs: number; refreshSeconds: number | null }) =>
  Math.min(idleMs, (refreshSeconds ?? Infinity) * 1000)

test('a session used at regular intervals below its shortest life never ends, with any lives of its tokens', async () => {
  await fc.assert(
    fc.asyncProperty(lives, share, fc.constantFrom(...USES), async (given, part, how) => {
      const { clock, use } = await signedIn(given)
      const interval = Math.max(1, Math.floor(shortestLife(given) * part))
      for (let call = 0; call < 20; call++) {
        clock.advance(interval)
        expect(await use(how)).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})

test('a session used irregularly, with no pause longer than half its shortest life, never ends', async () => {
  const steps = fc.array(fc.tuple(share, fc.constantFrom(...USES)), { minLength: 20, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(lives, steps, async (given, uses) => {
      const { clock, use, calls, provider } = await signedIn(given)
      const began = clock.now()
      for (const [part, how] of uses) {
        clock.advance(Math.floor((shortestLife(given) / 2) * part))
        expect(await use(how)).toBe(true)
      }
      const step = Math.max(1, given.idleMs * given.touchShare)
      expect(calls.touch).toBeLessThanOrEqual((clock.now() - began) / step + 1)
      const refreshes = provider.calls.filter((call) => call === 'refresh').length
      expect(calls.update).toBe(refreshes)
      expect(calls.get).toBe(uses.length + refreshes)
    }),
    { numRuns: 40 },
  )
})

test('requests that come together write one use of their session, and each of them obeys the answer', async () => {
  for (const isAlive of [true, false]) {
    const lives = { idleMs: 30 * MINUTE, accessSeconds: 3600, refreshSeconds: null }
    const { bff, clock, store, use, user } = await signedIn(lives)
    // From now on its secret is remembered, and the memory store answers before the event loop turns.
    expect(await use('page')).toBe(true)
    const touches: ((lives: boolean) => void)[] = []
    store.sessions.touch = () => new Promise((resolve) => touches.push(resolve))
    clock.advance(10 * MINUTE)
    const together = Array.from({ length: 20 }, () => bff.getSession(user.view('GET', '/')))
    await new Promise(setImmediate)
    expect(touches).toHaveLength(1)
    touches[0]?.(isAlive)
    const found = await Promise.all(together)
    expect(found.map((session) => session !== null)).toEqual(together.map(() => isAlive))
    if (!isAlive) continue
    const later = bff.getSession(user.view('GET', '/'))
    await new Promise(setImmediate)
    expect(touches).toHaveLength(2)
    touches[1]?.(true)
    expect((await later)?.lastAccessedAt).toBe(clock.now())
  }
})
