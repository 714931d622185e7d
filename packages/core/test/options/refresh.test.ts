import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { generateEncryptionKey, type RefreshOptions } from '../../src/index.ts'
import { Browser, jsonOf, world } from '../world.ts'

const HOUR = 3_600_000

/** Two processes on one store, of which the first stopped for good while it refreshed the session of `user`. */
async function besideADeadProcess(refresh: RefreshOptions) {
  const clock = manualClock()
  const shared = { store: memoryStore({ clock }), encryptionKeys: [generateEncryptionKey()], refresh }
  const dead = world({ ...shared, clock: manualClock() })
  const signedIn = dead.browser()
  await signedIn.signIn()
  await new Promise<void>((resolve) => {
    dead.provider.onRefresh = () => {
      resolve()
      return new Promise(() => {})
    }
    void signedIn.fetch('POST', '/bff/refresh')
  })
  const user = new Browser(world({ ...shared, clock }).bff)
  for (const [name, value] of signedIn.cookies) user.cookies.set(name, value)
  const refreshed = async () => jsonOf(await user.fetch('POST', '/bff/refresh'))
  return { clock, refreshed: async () => (await refreshed()).error ?? 'refreshed' }
}

testOptions<RefreshOptions>('RefreshOptions', {
  thresholdMs: {
    set: 120_000,
    /** What an API gets with so much of an hour's token left. Each session begins up to a tenth later than its sibling. */
    see: (refresh) =>
      Promise.all(
        [301_000, 270_000, 121_000, 108_000].map(async (left) => {
          const { browser, clock, provider, upstream } = world({ refresh })
          provider.expiresIn = HOUR / 1000
          const user = browser()
          await user.signIn()
          await clock.advance(HOUR - left)
          await user.fetch('GET', '/api/orders')
          return new Map(upstream.requests[0]?.headers).get('authorization')
        }),
      ),
    shows: [
      ['Bearer access-1', 'Bearer access-2', 'Bearer access-2', 'Bearer access-2'],
      ['Bearer access-1', 'Bearer access-1', 'Bearer access-1', 'Bearer access-2'],
    ],
  },
  defaultTokenLifeMs: {
    set: 600_000,
    /** When the token of the sign-in ends, and that of a refresh a minute later. */
    async see(refresh) {
      const { browser, clock, provider } = world({ refresh })
      provider.expiresIn = null
      const user = browser()
      await user.signIn()
      const signedIn = jsonOf(await user.fetch('GET', '/bff/session')).access_token_expires_at
      await clock.advance(60_000)
      const refreshed = jsonOf(await user.fetch('POST', '/bff/refresh')).expires_at
      return [signedIn, new Date(refreshed * 1000).toISOString()]
    },
    shows: [
      ['2030-01-01T00:05:00.000Z', '2030-01-01T00:06:00.000Z'],
      ['2030-01-01T00:10:00.000Z', '2030-01-01T00:11:00.000Z'],
    ],
  },
  leaseMs: {
    set: 5_000,
    see: (refresh) =>
      Promise.all(
        [4_999, 5_001, 29_999, 30_001].map(async (ms) => {
          const { clock, refreshed } = await besideADeadProcess({ waitMs: 0, ...refresh })
          await clock.advance(ms)
          return refreshed()
        }),
      ),
    shows: [
      ['refresh_busy', 'refresh_busy', 'refresh_busy', 'refreshed'],
      ['refresh_busy', 'refreshed', 'refreshed', 'refreshed'],
    ],
  },
  waitMs: {
    set: 2_000,
    /** How a request fares beside the other process. It looks every quarter of a second at the latest. */
    async see(refresh) {
      const { clock, refreshed } = await besideADeadProcess(refresh)
      const seen: string[] = []
      let outcome = 'waits'
      void refreshed().then((code) => {
        outcome = code
      })
      for (const step of [1_999, 251, 7_749, 251]) {
        await clock.advance(step)
        seen.push(outcome)
      }
      return seen
    },
    shows: [
      ['waits', 'waits', 'waits', 'refresh_busy'],
      ['waits', 'refresh_busy', 'refresh_busy', 'refresh_busy'],
    ],
  },
})
