import { expect, test } from 'vitest'
import type { Hooks } from '../../src/index.ts'
import { headerOf, jsonOf, setCookies, world } from '../world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const onCreateSession: NonNullable<Hooks<unknown>['onCreateSession']> = (_draft, _request, kept) =>
  kept['remember'] === '1' ? undefined : { absoluteTimeoutMs: 12 * HOUR }

const open = (more: Parameters<typeof world>[0] = {}) =>
  world({
    session: { idleTimeoutMs: 30 * DAY, absoluteTimeoutMs: 30 * DAY },
    login: { keepParameters: ['remember'] },
    hooks: { onCreateSession },
    ...more,
  })

async function signIn({ browser, provider }: ReturnType<typeof world>, query: string) {
  provider.expiresIn = 365 * 86_400
  const user = browser()
  const begun = await user.navigate(`/bff/login${query}`)
  const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state')
  const [cookie = ''] = setCookies(await user.navigate(`/bff/callback?code=c&state=${state}`))
  return { user, cookie }
}

test('who asks to be remembered stays signed in for the configured time, all others for less [CKS-02]', async () => {
  const all = open()
  const remembered = await signIn(all, '?remember=1')
  const other = await signIn(all, '')
  expect([remembered.cookie, other.cookie].map((cookie) => /Max-Age=(\d+)/.exec(cookie)?.[1])).toEqual([
    String((30 * DAY) / 1000),
    String((12 * HOUR) / 1000),
  ])
  const isSignedIn = async ({ user }: typeof other) =>
    jsonOf(await user.fetch('GET', '/bff/session')).authenticated
  await all.clock.advance(12 * HOUR + 1)
  expect([await isSignedIn(remembered), await isSignedIn(other)]).toEqual([true, false])
})

test('use does not extend a session beyond the time that was chosen at sign-in', async () => {
  const all = open()
  const { user } = await signIn(all, '')
  for (let hour = 0; hour < 12; hour++) {
    await user.fetch('GET', '/bff/session')
    await all.clock.advance(HOUR)
  }
  await all.clock.advance(1)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
})

test('a rotated cookie ends with the session', async () => {
  const all = open()
  const { user } = await signIn(all, '')
  await all.clock.advance(HOUR)
  const session = await all.bff.requireSession(user.view('GET', '/'))
  const rotated = await all.bff.sessions.rotate(session)
  expect(rotated?.cookie).toContain(`Max-Age=${(11 * HOUR) / 1000}`)
})

test('a cookie that ends with the browser does so after a rotation too, and its session by its own limits', async () => {
  const all = open({ cookie: { persistent: false } })
  const { user, cookie } = await signIn(all, '')
  const session = await all.bff.requireSession(user.view('GET', '/'))
  const rotated = await all.bff.sessions.rotate(session)
  for (const text of [cookie, rotated?.cookie]) expect(text).not.toMatch(/max-age|expires/i)
  await all.clock.advance(12 * HOUR + 1)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
})

test.each([0, 999, -1, Number.NaN, Number.POSITIVE_INFINITY, 366 * DAY, '1000'])(
  'a sign-in whose hook chooses %s milliseconds is refused, and its tokens are revoked',
  async (absoluteTimeoutMs) => {
    const all = open({
      hooks: { onCreateSession: () => ({ absoluteTimeoutMs: absoluteTimeoutMs as number }) },
      logout: { revokeTokens: 'always' },
    })
    const { user } = await signIn(all, '')
    expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
    await all.bff.close()
    expect(all.provider.revoked).toHaveLength(1)
  },
)

test('a kept parameter is sealed with its attempt: the callback cannot add or change one', async () => {
  const seen: unknown[] = []
  const { browser } = open({ hooks: { onCreateSession: (_draft, _request, kept) => void seen.push(kept) } })
  const user = browser()
  const begun = await user.navigate('/bff/login?returnTo=/')
  const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state')
  await user.navigate(`/bff/callback?code=c&state=${state}&remember=1`)
  expect(seen).toEqual([{}])
})

test('a kept parameter that is too long for a cookie is refused', async () => {
  const user = open().browser()
  const reply = await user.navigate(`/bff/login?remember=${'1'.repeat(257)}`)
  expect(headerOf(reply, 'location')).toBe('/?error=bad_request')
})
