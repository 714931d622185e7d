import type { Grant } from '@bff/core'
import { startProvider } from '@bff/testing'
import { decodeJwt, decodeProtectedHeader, generateKeyPair } from 'jose'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { grantAt, outcomeOf } from './support/option-effects.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { scriptedBff } from './support/scripted-bff.ts'
import { type Answer, bare, hang, json, reset, text } from './support/scripted-provider.ts'
import { providerFor, signIn } from './support/sign-in.ts'

const PATH = '/userinfo'
const USER = { sub: 'alice', name: 'Alice', email: 'alice@example.com' }
const asked = () => scripted.requestsTo(PATH).length
const jwt =
  (body: string): Answer =>
  (response, request) =>
    text(200, 'application/jwt;charset=UTF-8', body)(response, request)

beforeEach(() => {
  scripted.metadata['userinfo_endpoint'] = `${scripted.issuer}${PATH}`
  scripted.on(PATH, json(200, USER))
})

describe('The userinfo endpoint is asked at sign-in', () => {
  it.each([
    ['when the ID token says nothing about the user', {}, {}, 1],
    ['not when it says one thing', {}, { preferred_username: 'al' }, 0],
    ['when it has only claims of the provider’s own', {}, { roles: ['admin'] }, 1],
    ['not when scope asks for no claims about the user', { scope: 'openid offline_access' }, {}, 0],
    ['always', { userinfo: 'always', scope: 'openid' }, { name: 'Alice' }, 1],
    ['never', { userinfo: 'never' }, {}, 0],
  ] as const)('%s', async (_name, options, claims, times) => {
    const grant = await signIn(scripted, providerFor(scripted, options), { claims })
    expect([asked(), grant.userInfo]).toEqual([
      times,
      times === 0 ? undefined : { name: 'Alice', email: 'alice@example.com' },
    ])
  })

  it('with the access token, and not when the provider has none', async () => {
    await signIn(scripted, providerFor(scripted))
    expect(scripted.requestsTo(PATH)[0]?.headers.authorization).toBe('Bearer access-1')
    delete scripted.metadata['userinfo_endpoint']
    expect((await signIn(scripted, providerFor(scripted))).userInfo).toBeUndefined()
    const always = () => signIn(scripted, providerFor(scripted, { userinfo: 'always' }))
    expect(await outcomeOf(always)).toBe('provider_misconfigured')
  })

  it('with a proof of the session’s key, again after a challenge in the header alone [DPO-05, DPO-08]', async () => {
    const challenge = bare(401, '', {
      'www-authenticate': 'DPoP error="use_dpop_nonce"',
      'dpop-nonce': 'n-1',
    })
    scripted.on(PATH, challenge, json(200, USER))
    const answer = { token_type: 'DPoP' }
    const grant = await signIn(scripted, providerFor(scripted, { dpop: true }), { answer })
    expect(grant.userInfo).toMatchObject({ name: 'Alice' })
    expect(scripted.requestsTo('/token')).toHaveLength(1)
    const [, second] = scripted.requestsTo(PATH)
    expect(second?.headers.authorization).toBe('DPoP access-1')
    const proof = String(second?.headers['dpop'])
    expect(decodeProtectedHeader(proof)['jwk']).toEqual(grant.dpopKeyPair?.publicJwk)
    expect(decodeJwt(proof)).toMatchObject({ htm: 'GET', htu: `${scripted.issuer}${PATH}`, nonce: 'n-1' })
    expect(decodeJwt(proof)['ath']).toMatch(/^[\w-]{43}$/)
  })

  it.each([
    ['another user’s claims', json(200, { ...USER, sub: 'bob' }), 'login_failed'],
    ['claims of nobody', json(200, { name: 'Alice' }), 'login_failed'],
    ['a refused token', bare(401, ''), 'provider_misconfigured'],
    ['a refused token in JSON', json(401, { error: 'invalid_token' }), 'provider_misconfigured'],
    ['a missing scope', json(403, { error: 'insufficient_scope' }), 'provider_misconfigured'],
    ['a page', text(200, 'text/html', '<h1>Sorry</h1>'), 'provider_unavailable'],
    ['an outage', text(503, 'text/html', '<h1>Sorry</h1>'), 'provider_unavailable'],
    ['no answer', reset, 'provider_unavailable'],
  ])('%s fails it, and hands the tokens back', async (_name, answer, code) => {
    scripted.on(PATH, answer)
    const { signIn, events, browser } = scriptedBff(scripted)
    scripted.on('/revoke', json(200, {}))
    await signIn()
    expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed', code }))
    expect((await browser.call('GET', '/bff/user')).status).toBe(401)
  })

  it('never over plain http at a provider with https', async () => {
    const issuer = 'https://id.example.com'
    const { issuer: _, ...metadata } = scripted.metadata
    const fetchAs = async (url: string, init: RequestInit) => {
      if (url.endsWith('openid-configuration')) return Response.json({ ...httpsOnly(metadata), issuer })
      return fetch(url.replace(issuer, scripted.issuer), init)
    }
    const httpsOnly = (all: object) => JSON.parse(JSON.stringify(all).replaceAll(scripted.issuer, issuer))
    const provider = providerFor(scripted, {
      issuer,
      fetch: async (url, init) => {
        const response = await fetchAs(url, init)
        if (!url.endsWith('openid-configuration')) return response
        return Response.json({ ...(await response.json()), userinfo_endpoint: `${scripted.issuer}${PATH}` })
      },
    })
    const attempt = () =>
      signIn({ ...scripted, issuer }, provider, {
        idToken: (nonce) => scripted.idToken({ nonce, iss: issuer }),
      })
    expect(await outcomeOf(attempt)).toBe('provider_misconfigured')
    expect(asked()).toBe(0)
  })
})

describe('A signed userinfo response', () => {
  const signed = (claims: Record<string, unknown> = {}, key?: CryptoKey) =>
    scripted.sign({ iss: scripted.issuer, aud: 'app', ...USER, ...claims }, {}, key)

  it('is read, without what is about the token', async () => {
    scripted.on(PATH, jwt(await signed()))
    const { userInfo } = await signIn(scripted, providerFor(scripted))
    expect(userInfo).toEqual({ name: 'Alice', email: 'alice@example.com' })
  })

  it.each([
    ['with a key of somebody else', async () => signed({}, (await generateKeyPair('ES256')).privateKey)],
    ['for another client', () => signed({ aud: 'other-app' })],
    ['by another issuer', () => signed({ iss: 'https://evil.example.com' })],
    ['about another user', () => signed({ sub: 'bob' })],
  ])('%s fails the sign-in', async (_name, make) => {
    scripted.on(PATH, jwt(await make()))
    expect(await outcomeOf(() => signIn(scripted, providerFor(scripted)))).toBe('login_failed')
  })
})

describe('At a refresh', () => {
  const REFRESHED = { access_token: 'access-2', token_type: 'Bearer', refresh_token: 'refresh-2' }
  const nameOf = async ({ session }: ReturnType<typeof scriptedBff>) =>
    (await (await session()).identity()).claims['name']

  it('with always, the claims follow the endpoint, with or without an ID token', async () => {
    const app = scriptedBff(scripted, { userinfo: 'always' })
    await app.signIn()
    expect(await nameOf(app)).toBe('Alice')
    for (const id_token of [undefined, await scripted.idToken()]) {
      const name = `Alice ${id_token?.length ?? 'B.'}`
      scripted.on(PATH, json(200, { ...USER, name }))
      scripted.on('/token', json(200, { ...REFRESHED, id_token }))
      expect(await app.browser.refresh()).toBe(200)
      expect(await nameOf(app)).toBe(name)
      expect(scripted.requestsTo(PATH).at(-1)?.headers.authorization).toBe('Bearer access-2')
    }
  })

  it('with when-missing, they follow it when an ID token comes that says nothing', async () => {
    const app = scriptedBff(scripted)
    await app.signIn()
    scripted.on('/token', json(200, REFRESHED))
    await app.browser.refresh()
    expect(asked()).toBe(1)
    scripted.on(PATH, json(200, { ...USER, name: 'Alice B.' }))
    scripted.on('/token', json(200, { ...REFRESHED, id_token: await scripted.idToken() }))
    await app.browser.refresh()
    expect([asked(), await nameOf(app)]).toEqual([2, 'Alice B.'])
  })

  it.each([
    ['another user’s claims', json(200, { ...USER, sub: 'bob', name: 'Bob' })],
    ['a refused token', json(401, { error: 'invalid_token' })],
    ['an outage', bare(503, '')],
    ['no answer', reset],
  ])('%s change nothing: the new tokens are stored, and the session goes on', async (_name, answer) => {
    const app = scriptedBff(scripted, { userinfo: 'always' })
    await app.signIn()
    scripted.on(PATH, answer)
    scripted.on('/token', json(200, REFRESHED))
    expect(await app.browser.refresh()).toBe(200)
    expect([await nameOf(app), (await (await app.session()).tokens())?.accessToken]).toEqual([
      'Alice',
      'access-2',
    ])
    await app.browser.refresh()
    expect(scripted.requestsTo('/token').at(-1)?.form.get('refresh_token')).toBe('refresh-2')
  })

  it('an endpoint that hangs holds the new tokens up for two seconds, and five times at most', async () => {
    const app = scriptedBff(scripted, { userinfo: 'always' })
    await app.signIn()
    scripted.on(PATH, hang)
    for (let time = 1; time <= 5; time++) {
      scripted.on('/token', json(200, { ...REFRESHED, refresh_token: `refresh-${time}` }))
      const refreshing = app.browser.refresh()
      await scripted.received(PATH, time + 1)
      scripted.clock.jump(2_000)
      expect(await refreshing).toBe(200)
    }
    expect(await app.browser.refresh()).toBe(200)
    expect(asked()).toBe(6)
  })
})

describe('At a real provider whose ID token has no claims about the user', () => {
  const start = async () => {
    const idp = await startProvider({
      backchannelLogoutUri: null,
      claimsIn: 'userinfo',
      requireDpopNonces: true,
    })
    onTestFinished(() => idp.close())
    return idp
  }
  const scope = 'openid profile email'

  it.each([false, true])('they come from the endpoint, with DPoP: %s', async (dpop) => {
    const idp = await start()
    const grant: Grant = await grantAt(idp, { ...idp.clients.basic, scope, dpop })
    expect(grant.claims).not.toHaveProperty('name')
    expect(grant.userInfo).toMatchObject({ name: 'Alice Liddell', email: 'alice@example.com' })
  })
})
