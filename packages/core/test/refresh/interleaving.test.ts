import { afterEach, expect, test, vi } from 'vitest'
import type { SessionStore } from '../../src/contracts/session-store.ts'
import type { TtlStore } from '../../src/contracts/ttl-store.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { isAccessTokenExpired } from '../../src/internal/lifetime.ts'
import { hasMovedOn } from '../../src/session/token-times.ts'
import { harness, LIFE_MS } from './harness.ts'

const RUNS = 1000

/** A small seeded generator: a failing seed fails again. */
function generator(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

/** One session, two processes with a slow and sometimes failing store each, and everything at once. */
async function scenario(seed: number) {
  const random = generator(seed)
  vi.spyOn(Math, 'random').mockImplementation(random)
  const upTo = (ms: number) => Math.floor(random() * ms)
  const house = harness({ latencyMs: () => upTo(120) })
  const { clock, stores } = house

  /** Every call takes a while on the way there and on the way back, where it may get lost. */
  const overNetwork = <T extends SessionStore | TtlStore>(store: T, faults: number): T =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const lost = random() < faults
          await clock.sleep(upTo(40))
          if (lost && random() < 0.5) throw new BffError('store_unavailable')
          const result = await Reflect.apply(method, target, args)
          await clock.sleep(upTo(40))
          if (lost) throw new BffError('store_unavailable')
          return result
        }
      },
    })

  const session = await house.signIn()
  await clock.advance(LIFE_MS + (random() < 0.5 ? 1 : -60_000))
  const faults = random() < 0.3 ? 0.2 : 0
  const sessions = overNetwork(stores.sessions, faults)
  const overrides = { sessions, ttl: overNetwork(stores.ttl, faults) }
  const processes = [house.process(overrides), house.process(overrides)]

  const later = async (work: () => Promise<unknown>) => {
    await clock.sleep(upTo(500))
    await work().catch((error: BffError) => {
      if (error.status !== 503) throw error
    })
  }
  const refresh = async () => {
    const refresher = processes[upTo(2)]
    const record = (await house.stored(session)) ?? session
    if (record.revocation !== null) return
    const fresh = await (random() < 0.5 ? refresher?.refresh(record) : refresher?.ensureFresh(record))
    if (fresh && isAccessTokenExpired(record, clock.now())) expect(hasMovedOn(fresh, record)).toBe(true)
  }
  const touch = () => stores.sessions.touch(session.handle, clock.now(), clock.now() + LIFE_MS)
  const rotate = async () => {
    const record = await sessions.get(session.handle)
    if (record !== null)
      await sessions.update(
        session.handle,
        { secretHash: `rotated-${upTo(1e9)}`, updatedAt: clock.now() },
        record.version,
      )
  }
  const actions: Array<() => Promise<unknown>> = [
    refresh,
    refresh,
    refresh,
    refresh,
    touch,
    touch,
    rotate,
    rotate,
  ]
  const signsOut = random() < 0.7
  if (signsOut) actions.push(() => house.logOut(session))
  await clock.run(Promise.all(actions.map(later)))
  // A lease whose answer was lost is taken back in the background, for eight seconds at most.
  if (clock.sleepers > 0) await clock.advance(8_000)
  return { ...house, session, signsOut }
}

test(`logout, refresh, touch and rotation in any order, ${RUNS} times [RFT-02, RFT-13, STO-02, STO-03]`, async () => {
  const seen = { refreshed: 0, discarded: 0, signedOut: 0 }
  for (let seed = 0; seed < RUNS; seed++) {
    const { session, signsOut, provider, stored, tokensOf, typesOfEvents, clock } = await scenario(seed)
    const label = `seed ${seed}`
    const used = provider.calls.map((call) => call.refreshToken)
    expect(new Set(used).size, `${label}: no refresh token goes to the provider twice`).toBe(used.length)

    const record = await stored(session)
    const { accessTokenEncrypted, refreshTokenEncrypted, claimsEncrypted } = record ?? {}
    if (signsOut) {
      expect(record?.revocation?.reasonCode, `${label}: logout stands`).toBe('logout')
      expect(
        [accessTokenEncrypted, refreshTokenEncrypted, claimsEncrypted],
        `${label}: nothing comes back`,
      ).toEqual([null, null, null])
    } else {
      expect(record?.revocation, `${label}: nothing else ends a session`).toBe(null)
      const current = record && (await tokensOf(record))
      const expected = used.length === 0 ? 'rt-1' : `rt-${used.length + 1}`
      expect(current?.refreshToken, `${label}: the newest refresh token is the stored one`).toBe(expected)
    }
    expect(clock.sleepers, `${label}: nothing is left running`).toBe(0)
    seen.refreshed += Number(typesOfEvents().includes('session.refreshed'))
    seen.discarded += Number(typesOfEvents().includes('refresh.discarded'))
    seen.signedOut += Number(signsOut)
  }
  // The scenarios are worth something only when they meet each other.
  expect(seen.refreshed).toBeGreaterThan(RUNS / 4)
  expect(seen.discarded).toBeGreaterThan(RUNS / 20)
  expect(seen.signedOut).toBeGreaterThan(RUNS / 2)
})
