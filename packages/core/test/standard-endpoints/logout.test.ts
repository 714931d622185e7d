import { expect, test } from 'vitest'
import { BffError, type SessionHandle } from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { headerOf, jsonOf, setCookies, world } from '../world.ts'

async function signedIn(config: Parameters<typeof world>[0] = {}) {
  const all = world(config)
  const user = all.browser()
  await user.signIn()
  const handle = (user.cookies.get('__Host-Http-bff') ?? '').slice(0, 16) as SessionHandle
  const logoutUrl = async (): Promise<string> =>
    jsonOf(await user.fetch('GET', '/bff/user')).find(
      ({ type }: { type: string }) => type === 'bff:logout_url',
    ).value
  return { ...all, user, handle, logoutUrl }
}

test('POST /bff/logout ends the session here, revokes at the provider and names its sign-out page [S1-20, LGO-17]', async () => {
  const { user, handle, store, provider, events, clock } = await signedIn()
  const reply = await user.fetch('POST', '/bff/logout')
  expect([reply.status, jsonOf(reply)]).toEqual([
    200,
    { message: 'Logged out successfully', logout_url: 'https://idp.example.com/end' },
  ])
  expect(setCookies(reply)[0]).toBe(
    '__Host-Http-bff=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict',
  )
  expect((await store.sessions.get(handle))?.revocation).toMatchObject({
    reasonCode: 'logout',
    actorType: 'user',
  })
  await clock.advance(SHARED_PAUSE_MS)
  expect(provider.revoked).toEqual(['refresh-1'])
  expect(events.filter(({ type }) => type === 'auth.logout')).toHaveLength(1)
})

test('signing out without a session is 200 too [S1-20]', async () => {
  const { browser } = world()
  const reply = await browser().fetch('POST', '/bff/logout')
  expect([reply.status, reply.body]).toEqual([200, '{"message":"Logged out successfully"}'])
})

test('the link signs out only the session it was made for [LGO-18]', async () => {
  const { user, logoutUrl, bff } = await signedIn()
  const url = await logoutUrl()
  const other = await signedIn()
  for (const target of ['/bff/logout', '/bff/logout?sid=', await other.logoutUrl()]) {
    const refused = await user.navigate(target)
    expect(refused.status).toBe(403)
    expect(refused.body).toContain('data-error="csrf_violation"')
  }
  expect(await bff.getSession(user.view('GET', '/'))).not.toBeNull()
  const reply = await user.navigate(url)
  expect([reply.status, headerOf(reply, 'location'), user.cookies.size]).toEqual([
    303,
    'https://idp.example.com/end',
    0,
  ])
})

test('the way back from the provider leads to the returnTo it was started with, once [LGO-19]', async () => {
  const { user, logoutUrl } = await signedIn()
  const reply = await user.navigate(`${await logoutUrl()}&returnTo=/bye`)
  const state = new URL(headerOf(reply, 'location') ?? '').searchParams.get('state')
  const back = async () => headerOf(await user.navigate(`/bff/logout/callback?state=${state}`), 'location')
  expect([await back(), await back()]).toEqual(['/bye', '/'])
  expect(headerOf(await user.navigate('/bff/logout/callback'), 'location')).toBe('/')
})

test('a foreign returnTo is refused and the session stays [BFF-22]', async () => {
  const { user, bff } = await signedIn()
  expect((await user.fetch('POST', '/bff/logout?returnTo=//evil.example')).status).toBe(400)
  expect(await bff.getSession(user.view('GET', '/'))).not.toBeNull()
})

test('a provider that fails or hangs does not hold up a sign-out [LGO-17]', async () => {
  const failing = await signedIn()
  failing.provider.revoke = async () => {
    throw new BffError('provider_unavailable')
  }
  failing.provider.onEndSession = () => {
    throw new BffError('provider_unavailable')
  }
  const reply = await failing.user.fetch('POST', '/bff/logout')
  expect([reply.status, reply.body]).toEqual([200, '{"message":"Logged out successfully"}'])

  const hanging = await signedIn()
  hanging.provider.revoke = () => new Promise(() => {})
  const before = hanging.clock.now()
  expect((await hanging.user.fetch('POST', '/bff/logout')).status).toBe(200)
  expect(hanging.clock.now()).toBe(before)
})

test('a sign-out page that the provider does not name within a second is left out [LGO-17]', async () => {
  const { user, provider, clock, events, store, handle } = await signedIn()
  provider.endSessionUrl = () => new Promise(() => {})
  const signingOut = user.fetch('POST', '/bff/logout')
  await clock.advance(999)
  expect((await store.sessions.get(handle))?.revocation).toMatchObject({ reasonCode: 'logout' })
  await clock.advance(1)
  const reply = await signingOut
  expect([reply.status, reply.body]).toEqual([200, '{"message":"Logged out successfully"}'])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'provider.failed', operation: 'endSessionUrl' }),
  )
})

test('a sign-out that could not be stored is not reported as one [LGO-21]', async () => {
  const { user, store } = await signedIn()
  store.sessions.revoke = async () => {
    throw new BffError('store_unavailable')
  }
  const reply = await user.fetch('POST', '/bff/logout')
  expect([reply.status, setCookies(reply), user.cookies.size]).toEqual([503, [], 1])
})

test('an expired session is signed out at the provider all the same', async () => {
  const { user, clock, provider } = await signedIn()
  await clock.advance(28_800_001)
  await user.fetch('POST', '/bff/logout')
  await clock.advance(SHARED_PAUSE_MS)
  expect(provider.revoked).toEqual(['refresh-1'])
})

test('onLogout is told, and its fault is reported but changes nothing [S1-15]', async () => {
  const { user, events } = await signedIn({
    hooks: {
      onLogout: () => {
        throw new Error('hook')
      },
    },
  })
  expect((await user.fetch('POST', '/bff/logout')).status).toBe(200)
  expect(events).toContainEqual(expect.objectContaining({ type: 'hook.failed', hook: 'onLogout' }))
})
