import { describe, expect, it } from 'vitest'
import { type BackchannelLogoutOptions, backchannelLogout } from '../../src/endpoints/index.ts'
import { BffError, type LogoutTokenClaims, type RequestView } from '../../src/index.ts'
import { headerOf, jsonOf, request, setCookies, world } from '../world.ts'

const ISSUER = 'https://idp.example.com'

function form(body: string | AsyncIterable<Uint8Array>, headers: Record<string, string> = {}): RequestView {
  const view = request('POST', '/bff/backchannel-logout', {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })
  async function* bytes() {
    yield new TextEncoder().encode(String(body))
  }
  return { ...view, body: () => (typeof body === 'string' ? bytes() : body) }
}

let tokens = 0

/** A BFF whose provider takes a token for the claims written in it. */
function logoutWorld(options: BackchannelLogoutOptions = {}) {
  const all = world({ plugins: [backchannelLogout(options)] })
  const seconds = () => Math.floor(all.clock.now() / 1000)
  all.provider.onLogoutToken = (jwt) => {
    try {
      return JSON.parse(jwt)
    } catch {
      throw new BffError('bad_request', 'The logout token is not valid.')
    }
  }
  const token = (claims: Partial<LogoutTokenClaims>): string =>
    JSON.stringify({
      issuer: ISSUER,
      subject: null,
      providerSessionId: null,
      jti: `jti-${++tokens}`,
      issuedAt: seconds(),
      expiresAt: seconds() + 120,
      ...claims,
    })
  const send = async (view: RequestView) => {
    const reply = await all.bff.handle(view)
    if (reply === undefined) throw new Error('Not a path of the BFF.')
    return reply
  }
  const logOut = (claims: Partial<LogoutTokenClaims>) =>
    send(form(new URLSearchParams({ logout_token: token(claims) }).toString()))
  const signedIn = async (subject: string, sid: string | null) => {
    all.provider.subject = subject
    all.provider.sid = sid
    const browser = all.browser()
    await browser.signIn()
    return browser
  }
  const isSignedIn = async (browser: Awaited<ReturnType<typeof signedIn>>) =>
    jsonOf(await browser.fetch('GET', '/bff/session')).authenticated
  return { ...all, token, send, logOut, signedIn, isSignedIn }
}

describe('which sessions a logout token ends', () => {
  it('a sid ends that session alone, and tells who ended it [LGO-10]', async () => {
    const { logOut, signedIn, isSignedIn, events, store, bff } = logoutWorld()
    const phone = await signedIn('alice', 'sid-1')
    const laptop = await signedIn('alice', 'sid-2')
    const bob = await signedIn('bob', 'sid-3')
    const reply = await logOut({ providerSessionId: 'sid-1' })
    expect(reply.status).toBe(200)
    expect(headerOf(reply, 'cache-control')).toBe('no-store')
    expect(setCookies(reply)).toEqual([])
    expect([await isSignedIn(phone), await isSignedIn(laptop), await isSignedIn(bob)]).toEqual([
      false,
      true,
      true,
    ])
    const ended = (await bff.sessions.list({ userId: 'alice' })).sessions.find(({ revocation }) => revocation)
    expect(ended?.revocation).toMatchObject({ reasonCode: 'backchannel_logout', actorType: 'provider' })
    expect(events.filter(({ type }) => type === 'auth.logout')).toEqual([
      expect.objectContaining({ by: 'backchannel', handle: ended?.handle, userId: 'alice' }),
    ])
    expect((await store.sessions.get(ended?.handle ?? ('' as never)))?.accessTokenEncrypted).toBeNull()
  })

  it('a sub alone ends all of the user at that issuer, and nobody else’s [LGO-10]', async () => {
    const { logOut, signedIn, isSignedIn, bff } = logoutWorld()
    const alice = [await signedIn('alice', 'sid-1'), await signedIn('alice', null)]
    const bob = await signedIn('bob', 'sid-3')
    await bff.sessions.create({ userId: 'alice', issuer: 'https://other.example.com' })
    await bff.sessions.create({ userId: 'alice' })
    expect((await logOut({ subject: 'alice' })).status).toBe(200)
    expect(await Promise.all(alice.map(isSignedIn))).toEqual([false, false])
    expect(await isSignedIn(bob)).toBe(true)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(2)
  })

  it('sid and sub must agree: otherwise nothing ends [LGO-10]', async () => {
    const { logOut, signedIn, isSignedIn } = logoutWorld()
    const alice = await signedIn('alice', 'sid-1')
    const bob = await signedIn('bob', 'sid-2')
    const reply = await logOut({ providerSessionId: 'sid-1', subject: 'bob' })
    expect([reply.status, jsonOf(reply).error]).toEqual([400, 'bad_request'])
    expect([await isSignedIn(alice), await isSignedIn(bob)]).toEqual([true, true])
    expect((await logOut({ providerSessionId: 'sid-1', subject: 'alice' })).status).toBe(200)
    expect([await isSignedIn(alice), await isSignedIn(bob)]).toEqual([false, true])
  })

  it('the same sid at another issuer is another session [LGO-04]', async () => {
    const { logOut, signedIn, isSignedIn } = logoutWorld()
    const alice = await signedIn('alice', 'sid-1')
    expect((await logOut({ issuer: 'https://evil.example.com', providerSessionId: 'sid-1' })).status).toBe(
      200,
    )
    expect(await isSignedIn(alice)).toBe(true)
  })

  it.each([
    ['sid alone, which Duende answers with 500', { providerSessionId: 'sid-1' }],
    ['sub alone', { subject: 'alice' }],
    ['both', { providerSessionId: 'sid-1', subject: 'alice' }],
  ])('allSessions takes a token with %s for all of the user', async (_name, claims) => {
    const { logOut, signedIn, isSignedIn } = logoutWorld({ allSessions: true })
    const alice = [await signedIn('alice', 'sid-1'), await signedIn('alice', 'sid-2')]
    const bob = await signedIn('bob', 'sid-3')
    expect((await logOut(claims)).status).toBe(200)
    expect(await Promise.all(alice.map(isSignedIn))).toEqual([false, false])
    expect(await isSignedIn(bob)).toBe(true)
  })

  it('allSessions finds the user of a sid whose own session has ended already', async () => {
    const { logOut, signedIn, isSignedIn } = logoutWorld({ allSessions: true })
    const first = await signedIn('alice', 'sid-1')
    const second = await signedIn('alice', 'sid-2')
    await first.fetch('POST', '/bff/logout')
    expect((await logOut({ providerSessionId: 'sid-1' })).status).toBe(200)
    expect(await isSignedIn(second)).toBe(false)
  })

  it('a late sub-only token leaves sessions alone that were signed in after it was issued [LGO-11]', async () => {
    const { logOut, signedIn, isSignedIn, clock } = logoutWorld()
    const before = await signedIn('alice', null)
    const issuedAt = Math.floor(clock.now() / 1000)
    await clock.advance(31_000)
    const after = await signedIn('alice', null)
    expect((await logOut({ subject: 'alice', issuedAt })).status).toBe(200)
    expect([await isSignedIn(before), await isSignedIn(after)]).toEqual([false, true])
  })

  it('clockToleranceMs moves that bound [LGO-11]', async () => {
    const { logOut, signedIn, isSignedIn, clock } = logoutWorld({ clockToleranceMs: 60_000 })
    const issuedAt = Math.floor(clock.now() / 1000)
    await clock.advance(31_000)
    const after = await signedIn('alice', null)
    await logOut({ subject: 'alice', issuedAt })
    expect(await isSignedIn(after)).toBe(false)
  })

  it('ends more sessions than one page of the store holds', async () => {
    const { bff, logOut } = logoutWorld()
    for (let index = 0; index < 120; index++) await bff.sessions.create({ userId: 'alice', issuer: ISSUER })
    expect((await logOut({ subject: 'alice' })).status).toBe(200)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  })

  it('what has ended already, or never was, is success [LGO-14]', async () => {
    const { logOut, signedIn, events } = logoutWorld()
    const alice = await signedIn('alice', 'sid-1')
    await alice.fetch('POST', '/bff/logout')
    expect((await logOut({ providerSessionId: 'sid-1' })).status).toBe(200)
    expect((await logOut({ subject: 'nobody' })).status).toBe(200)
    expect(events).not.toContainEqual(expect.objectContaining({ by: 'backchannel' }))
  })
})

describe('a logout token', () => {
  it('works once, until it has expired [LGO-09]', async () => {
    const { send, token, signedIn, isSignedIn, events, clock } = logoutWorld()
    const used = form(new URLSearchParams({ logout_token: token({ subject: 'alice' }) }).toString())
    expect((await send(used)).status).toBe(200)
    await clock.advance(1_001)
    const again = await signedIn('alice', null)
    const reply = await send(used)
    expect([reply.status, jsonOf(reply).message]).toEqual([
      400,
      'The logout token was used before. Send a new one.',
    ])
    expect(await isSignedIn(again)).toBe(true)
    expect(events).toContainEqual(expect.objectContaining({ type: 'logout.failed', code: 'bad_request' }))
  })

  it('the same jti of another issuer is another token [LGO-09]', async () => {
    const { logOut } = logoutWorld()
    expect((await logOut({ subject: 'alice', jti: 'one' })).status).toBe(200)
    expect((await logOut({ subject: 'alice', jti: 'one', issuer: 'https://b.example.com' })).status).toBe(200)
    expect((await logOut({ subject: 'bob', jti: 'one' })).status).toBe(400)
  })

  it('of the same token sent twice at once, one is taken [LGO-09]', async () => {
    const { send, token } = logoutWorld()
    const body = new URLSearchParams({ logout_token: token({ subject: 'alice' }) }).toString()
    const replies = await Promise.all([send(form(body)), send(form(body))])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  it('is not used up by a logout that the store broke off [LGO-09]', async () => {
    const { send, token, signedIn, isSignedIn, store, events } = logoutWorld()
    const alice = await signedIn('alice', 'sid-1')
    const body = new URLSearchParams({ logout_token: token({ providerSessionId: 'sid-1' }) }).toString()
    const { revokeAll } = store.sessions
    store.sessions.revokeAll = () => Promise.reject(new BffError('store_unavailable'))
    const failed = await send(form(body))
    expect([failed.status, jsonOf(failed).error]).toEqual([400, 'store_unavailable'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'store.unavailable' }))
    store.sessions.revokeAll = revokeAll
    expect(await isSignedIn(alice)).toBe(true)
    expect((await send(form(body))).status).toBe(200)
    expect(await isSignedIn(alice)).toBe(false)
  })

  it('of endless life is remembered for a time every store can keep', async () => {
    const { logOut } = logoutWorld()
    expect((await logOut({ subject: 'alice', expiresAt: 1e15, jti: 'long' })).status).toBe(200)
    expect((await logOut({ subject: 'alice', expiresAt: 1e15, jti: 'long' })).status).toBe(400)
  })
})

describe('a logout that meets a sign-in under way [LGO-12]', () => {
  it.each([
    ['sid', { providerSessionId: 'sid-1' }],
    ['sub', { subject: 'alice' }],
  ])('with %s: the sign-in is refused, and its session ended', async (_name, claims) => {
    const { browser, bff, logOut, events, clock, isSignedIn } = logoutWorld()
    const user = browser()
    const state = await user.startSignIn()
    await clock.advance(2_000)
    expect((await logOut(claims)).status).toBe(200)
    await clock.advance(30_000)
    const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
    expect(await isSignedIn(user)).toBe(false)
    const { sessions } = await bff.sessions.list({ userId: 'alice' })
    expect(sessions.map(({ revocation }) => revocation?.reasonCode)).toEqual(['backchannel_logout'])
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'login.succeeded' }))
  })

  it('in whatever order the two reach the store, nobody is signed in afterwards', async () => {
    for (let pause = 0; pause < 40; pause++) {
      const { browser, provider, logOut, isSignedIn, bff } = logoutWorld()
      const user = browser()
      const state = await user.startSignIn()
      let done: Promise<unknown> = Promise.resolve()
      provider.onExchange = () => {
        const later = async () => {
          for (let turn = 0; turn < pause; turn++) await Promise.resolve()
          return logOut({ subject: 'alice' })
        }
        done = later()
      }
      await user.navigate(`/bff/callback?code=c&state=${state}`)
      await done
      expect(await isSignedIn(user)).toBe(false)
      expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
    }
  })

  it('touches no sign-in that began afterwards, and none of another user or session', async () => {
    const { browser, logOut, signedIn, isSignedIn, clock, provider } = logoutWorld()
    const bob = browser()
    const state = await bob.startSignIn()
    await logOut({ subject: 'alice' })
    await logOut({ providerSessionId: 'sid-1' })
    await clock.advance(1_001)
    expect(await isSignedIn(await signedIn('alice', 'sid-1'))).toBe(true)
    provider.subject = 'bob'
    provider.sid = 'sid-2'
    await bob.navigate(`/bff/callback?code=c&state=${state}`)
    expect(await isSignedIn(bob)).toBe(true)
  })

  it('is not forgotten because of a later sign-in', async () => {
    const { browser, logOut, signedIn, clock } = logoutWorld()
    const slow = browser()
    const state = await slow.startSignIn()
    await logOut({ subject: 'alice' })
    await clock.advance(2_000)
    await signedIn('alice', null)
    const reply = await slow.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
  })

  it('lasts as long as a sign-in may take', async () => {
    const { browser, logOut, clock } = logoutWorld()
    const slow = browser()
    await clock.advance(1_000)
    const state = await slow.startSignIn()
    await logOut({ subject: 'alice' })
    await clock.advance(600_000)
    const reply = await slow.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
  })

  it('when it cannot be looked up, refuses the sign-in and leaves no session', async () => {
    const { browser, bff, store } = logoutWorld()
    const user = browser()
    const state = await user.startSignIn()
    const { get } = store.ttl
    store.ttl.get = async (key) => {
      if (key.startsWith('logout-')) throw new BffError('store_unavailable')
      return get.call(store.ttl, key)
    }
    const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe('/?error=store_unavailable')
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  })
})

describe('the request', () => {
  it('needs neither session nor CSRF header [LGO-01]', async () => {
    const { logOut } = logoutWorld()
    expect((await logOut({ subject: 'alice' })).status).toBe(200)
  })

  it.each([
    ['JSON', form('{}', { 'content-type': 'application/json' })],
    ['no content type', request('POST', '/bff/backchannel-logout')],
    ['another form', form('logout_token=x', { 'content-type': 'multipart/form-data; boundary=x' })],
    [
      'a type that only begins so',
      form('logout_token=x', { 'content-type': 'application/x-www-form-urlencodedx' }),
    ],
    ['no token', form('token=x')],
    ['an empty token', form('logout_token=')],
    ['two tokens', form('logout_token=a&logout_token=b')],
    ['an empty body', form('')],
    ['no body', { ...form(''), body: () => undefined }],
    ['a token that is none', form('logout_token=x')],
    ['more than 64 KiB', form(`logout_token=${'x'.repeat(65_536)}`)],
    ['more than 64 KiB by its own word', form('logout_token=x', { 'content-length': '65537' })],
    ['bytes that are no text', form('logout_token=%ff%fe%00')],
    [
      'a body that breaks off',
      form({
        async *[Symbol.asyncIterator]() {
          yield new Uint8Array([1])
          throw new Error('reset')
        },
      }),
    ],
    [
      'a body somebody else has read',
      {
        ...form(''),
        body: () => {
          throw new BffError('body_consumed')
        },
      },
    ],
  ])('with %s answers 400 [LGO-01, LGO-13]', async (_name, view) => {
    const { send, events } = logoutWorld()
    const reply = await send(view)
    expect(reply.status).toBe(400)
    expect(headerOf(reply, 'cache-control')).toBe('no-store')
    expect(events).toContainEqual(expect.objectContaining({ type: 'logout.failed' }))
  })

  it('answers a body that does not end, and gives it up [LGO-01]', async () => {
    const { send } = logoutWorld()
    let sent = 0
    let giveUp = () => {}
    const givenUp = new Promise<void>((resolve) => {
      giveUp = resolve
    })
    const reply = await send(
      form({
        async *[Symbol.asyncIterator]() {
          try {
            for (;;) {
              sent += 65_536
              yield new Uint8Array(65_536)
            }
          } finally {
            giveUp()
          }
        },
      }),
    )
    expect(reply.status).toBe(400)
    await givenUp
    expect(sent).toBeLessThan(20_000_000)
  })

  it('takes other fields along, and another method not at all', async () => {
    const { send, token, bff } = logoutWorld()
    const body = new URLSearchParams({ logout_token: token({ subject: 'alice' }), extra: '1' })
    expect((await send(form(body.toString(), { 'content-length': '10' }))).status).toBe(200)
    expect(await bff.handle(request('GET', '/bff/backchannel-logout'))).toMatchObject({ status: 405 })
  })

  it('a fault nobody expected is 400 too, and its text goes to the event alone [LGO-13]', async () => {
    const { send, provider, events } = logoutWorld()
    provider.onLogoutToken = () => {
      throw new Error('an inner secret')
    }
    const reply = await send(form('logout_token=x'))
    expect([reply.status, jsonOf(reply).error]).toEqual([400, 'internal_error'])
    expect(reply.body).not.toContain('secret')
    expect(events).toContainEqual(expect.objectContaining({ type: 'logout.failed', code: 'internal_error' }))
  })
})

it.each([
  ['an unknown option', { everywhere: true } as BackchannelLogoutOptions],
  ['a tolerance of a day', { clockToleranceMs: 86_400_000 }],
  ['a path with a slash at its end', { path: '/out/' }],
])('%s is a configuration error', (_name, options) => {
  expect(() => logoutWorld(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
})

it('without a provider it does not start, where Duende would answer 200 and do nothing', () => {
  expect(() => world({ plugins: [backchannelLogout()], provider: undefined } as never)).toThrowError(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('provider') }),
  )
})
