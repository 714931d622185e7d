import { testOptions } from '@bff/test-support/options'
import type { SessionOptions } from '../../src/index.ts'
import { Browser, jsonOf, world } from '../world.ts'

type Metadata = Readonly<Record<string, unknown>>

const HOUR = 3_600_000

async function signedIn(session: SessionOptions<Metadata>) {
  const all = world({ session })
  const user = all.browser()
  await user.signIn()
  return { ...all, user }
}

/** Whether somebody is signed in at each of these times, one user a time. */
function signedInAfter(session: SessionOptions<Metadata>, times: readonly number[]): Promise<boolean[]> {
  return Promise.all(
    times.map(async (ms) => {
      const { clock, user } = await signedIn(session)
      await clock.advance(ms)
      return jsonOf(await user.fetch('GET', '/bff/session')).authenticated
    }),
  )
}

testOptions<SessionOptions<Metadata>>('SessionOptions', {
  idleTimeoutMs: {
    set: HOUR,
    see: (session) => signedInAfter(session, [HOUR, HOUR + 1, 8 * HOUR, 8 * HOUR + 1]),
    shows: [
      [true, true, true, false],
      [true, false, false, false],
    ],
  },
  absoluteTimeoutMs: {
    set: HOUR,
    async see(session) {
      const { clock, user } = await signedIn(session)
      const seen: boolean[] = []
      for (const step of [HOUR / 2, HOUR / 2, 1]) {
        await clock.advance(step)
        seen.push(jsonOf(await user.fetch('GET', '/bff/session')).authenticated)
      }
      return seen
    },
    shows: [
      [true, true, true],
      [true, true, false],
    ],
  },
  maxAuthenticationAgeMs: {
    set: HOUR,
    see: (session) => signedInAfter(session, [HOUR, HOUR + 1]),
    shows: [
      [true, true],
      [true, false],
    ],
  },
  touchShare: {
    set: 0.5,
    /** Minutes after sign-in at which the use of the session was last noted; its idle time has 480. */
    see: (session) =>
      Promise.all(
        [47, 49, 239, 241].map(async (minutes) => {
          const { clock, user, bff } = await signedIn(session)
          await clock.advance(minutes * 60_000)
          await user.fetch('GET', '/bff/session')
          const [one] = (await bff.sessions.list({ userId: 'alice' })).sessions
          return one === undefined ? null : (one.lastAccessedAt - one.createdAt) / 60_000
        }),
      ),
    shows: [
      [0, 49, 239, 241],
      [0, 0, 0, 241],
    ],
  },
  endWithAccessToken: {
    set: false,
    /** What a page and an API say a minute past the end of an access token that came without a refresh token. */
    async see(session) {
      const { bff, clock, browser } = world({ session })
      const tokens = { accessToken: 'access', expiresIn: 3600 }
      const { cookie } = await bff.sessions.create({ userId: 'alice', tokens })
      const user = browser()
      user.keep(cookie)
      await clock.advance(HOUR + 60_000)
      const page = jsonOf(await user.fetch('GET', '/bff/session')).authenticated
      return [page, jsonOf(await user.fetch('GET', '/api/orders')).error]
    },
    shows: [
      [false, 'session_expired'],
      [true, 'token_expired'],
    ],
  },
  rotationGraceMs: {
    set: 5_000,
    see: (session) =>
      Promise.all(
        [5_000, 5_001, 30_000, 30_001].map(async (ms) => {
          const { bff, clock, user } = await signedIn(session)
          const before = new Browser(bff)
          for (const [name, value] of user.cookies) before.cookies.set(name, value)
          const current = await bff.getSession(user.view('GET', '/'))
          if (current !== null) await bff.sessions.rotate(current)
          await clock.advance(ms)
          return jsonOf(await before.fetch('GET', '/bff/session')).authenticated
        }),
      ),
    shows: [
      [true, true, true, false],
      [true, false, false, false],
    ],
  },
  maxPerUser: {
    set: 2,
    async see(session) {
      const { bff, browser } = world({ session })
      for (let device = 0; device < 3; device++) await browser().signIn()
      return bff.sessions.countActive({ userId: 'alice' })
    },
    shows: [3, 2],
  },
  publicMetadata: {
    set: ['plan'],
    async see(session) {
      const { bff, browser } = world({ session })
      const { cookie } = await bff.sessions.create({ userId: 'alice', metadata: { plan: 'pro', cost: 7 } })
      const user = browser()
      user.keep(cookie)
      return jsonOf(await user.fetch('GET', '/bff/session')).metadata
    },
    shows: [undefined, { plan: 'pro' }],
  },
  metadata: {
    set: {
      '~standard': {
        version: 1,
        vendor: 'app',
        validate: (value) =>
          typeof value === 'object' && value !== null && 'plan' in value
            ? { value: { plan: value.plan, seats: 1 } }
            : { issues: [{ message: 'no plan' }] },
      },
    },
    async see(session) {
      const { bff } = world({ session })
      const created = (metadata: Record<string, unknown>) =>
        bff.sessions.create({ userId: 'alice', metadata }).then(
          (issued) => issued.session.metadata,
          (error: Error) => error.message,
        )
      return [await created({ plan: 'pro', extra: true }), await created({})]
    },
    shows: [
      [{ plan: 'pro', extra: true }, {}],
      [{ plan: 'pro', seats: 1 }, 'The session metadata is not valid: no plan'],
    ],
  },
})
