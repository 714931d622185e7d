import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { BffError, generateEncryptionKey } from '../../src/index.ts'
import { Browser, jsonOf, world } from '../world.ts'
import { harness } from './harness.ts'

const rejected = () => {
  throw new BffError('refresh_rejected')
}

/** A browser whose access token is over, at a provider that rejects its refresh token. */
async function rejectedBrowser(refreshTokenExpiresIn: number | null = null) {
  const all = world()
  all.provider.refreshTokenExpiresIn = refreshTokenExpiresIn
  const user = all.browser()
  await user.signIn()
  await all.clock.advance(61_000)
  all.provider.onRefresh = rejected
  return { ...all, user }
}

test.each([
  ['GET', '/api/orders'],
  ['POST', '/api/orders'],
  ['POST', '/bff/refresh'],
])(
  '%s %s answers refresh_rejected when the provider ends the session in it, and leaves the cookie alone',
  async (method, target) => {
    const { user } = await rejectedBrowser()
    const reply = await user.fetch(method, target)
    expect([reply.status, jsonOf(reply).error, user.cookies.size]).toEqual([401, 'refresh_rejected', 1])
  },
)

test('every request that waited for the rejected refresh answers refresh_rejected, and a later one invalid_session', async () => {
  const { user, provider, bff } = await rejectedBrowser()
  const later = new Browser(bff)
  for (const [name, value] of user.cookies) later.cookies.set(name, value)
  const views = Array.from({ length: 5 }, () => user.view('GET', '/api/orders'))
  const replies = await Promise.all(views.map((view) => user.send(view)))
  expect(replies.map((reply) => jsonOf(reply).error)).toEqual(Array(5).fill('refresh_rejected'))
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(1)
  expect(jsonOf(await later.fetch('GET', '/api/orders')).error).toBe('invalid_session')
})

test('a request in another process that waited for the rejected refresh answers refresh_rejected too', async () => {
  const { clock, provider, process, signIn } = harness({ latencyMs: () => 2_000 })
  const session = await signIn()
  provider.script.push(rejected)
  const outcomes = await clock.run(
    Promise.allSettled([process().refresh(session), process().refresh(session)]),
  )
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual([
    'refresh_rejected',
    'refresh_rejected',
  ])
  expect(provider.calls).toHaveLength(1)
})

test('the API refuses the token and the provider the refresh: the answer is refresh_rejected', async () => {
  const { user, upstream, clock, provider } = await rejectedBrowser()
  provider.onRefresh = () => {}
  expect((await user.fetch('GET', '/api/orders')).status).toBe(200)
  await clock.advance(31_000)
  upstream.status = 401
  provider.onRefresh = rejected
  expect(jsonOf(await user.fetch('GET', '/api/orders')).error).toBe('refresh_rejected')
})

test('a page whose use finds the refresh token rejected is signed out there and then', async () => {
  for (const see of ['session', 'user', 'getSession', 'require'] as const) {
    const { user, bff, clock } = await rejectedBrowser(600)
    await clock.advance(300_000)
    const view = user.view('GET', '/orders')
    const seen = {
      session: async () => jsonOf(await user.fetch('GET', '/bff/session')).authenticated,
      user: async () => jsonOf(await user.fetch('GET', '/bff/user')).error,
      getSession: () => bff.getSession(view),
      require: () => bff.requireSession(view).catch((error: BffError) => error.code),
    }
    const expected = {
      session: false,
      user: 'refresh_rejected',
      getSession: null,
      require: 'refresh_rejected',
    }
    expect([see, await seen[see]()]).toEqual([see, expected[see]])
  }
})

test('a sign-out that came first is not told as a rejected refresh', async () => {
  const clock = manualClock()
  const shared = { store: memoryStore({ clock }), encryptionKeys: [generateEncryptionKey()], clock }
  const { browser, provider, bff } = world(shared)
  const user = browser()
  await user.signIn()
  await clock.advance(61_000)
  provider.onRefresh = async () => {
    await bff.sessions.revokeAll({ userId: 'alice' })
    rejected()
  }
  expect(jsonOf(await user.fetch('GET', '/api/orders')).error).toBe('session_expired')
})
