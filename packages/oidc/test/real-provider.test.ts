import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Grant, IdentityProvider } from '@bff/core'
import {
  createBrowser,
  type ProviderOptions,
  signInAtProvider,
  startProvider,
  type TestBrowser,
  type TestProvider,
} from '@bff/testing'
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { type Fetch, type OidcOptions, oidc } from '../src/index.ts'
import { failureOf } from './support/failure.ts'

const REDIRECT_URI = 'http://localhost:3000/bff/callback'
const AFTER_LOGOUT = 'http://localhost:3000/bff/logout/callback'

let idp: TestProvider | null = null

afterEach(async () => {
  await idp?.close()
  idp = null
})

async function start(options: ProviderOptions = {}): Promise<TestProvider> {
  idp = await startProvider({ backchannelLogoutUri: null, ...options })
  return idp
}

const demo = (started: TestProvider, options: Partial<OidcOptions> = {}): IdentityProvider =>
  oidc({ issuer: started.issuer, ...started.clients.basic, ...options })

async function signedIn(
  provider: IdentityProvider,
  options: { browser?: TestBrowser; parameters?: Record<string, string> } = {},
): Promise<Grant> {
  const state = crypto.randomUUID()
  const { url, transaction } = await provider.authorize({
    redirectUri: REDIRECT_URI,
    state,
    parameters: options.parameters ?? {},
  })
  const walk = options.browser?.signIn ?? signInAtProvider
  const callback = await walk(url, 'alice')
  return provider.exchange({ url: callback, state }, JSON.parse(JSON.stringify(transaction)))
}

const refreshOf = (grant: Grant) => ({
  refreshToken: grant.refreshToken ?? '',
  dpopKeyPair: grant.dpopKeyPair,
  issuer: grant.issuer,
  subject: grant.subject,
  scope: grant.scope,
})

describe('a sign-in at a real provider', () => {
  it('signs in with the code flow, PKCE, state and nonce [BFF-02, BFF-18, BFF-19]', async () => {
    const started = await start({ backchannelLogoutUri: 'http://127.0.0.1:9/backchannel-logout' })
    const provider = demo(started, { par: 'never' })
    const { url, transaction } = await provider.authorize({
      redirectUri: REDIRECT_URI,
      state: 's',
      parameters: {},
    })
    const query = new URL(url).searchParams
    expect(query.get('response_type')).toBe('code')
    expect(query.get('code_challenge_method')).toBe('S256')
    expect(query.get('nonce')).toMatch(/^[\w-]{43}$/)
    expect(query.get('scope')).toBe('openid profile')

    const grant = await provider.exchange(
      { url: await signInAtProvider(url, 'alice'), state: 's' },
      transaction,
    )
    expect(grant).toMatchObject({
      issuer: started.issuer,
      subject: 'alice',
      expiresIn: 60,
      dpopKeyPair: null,
    })
    expect(grant.refreshToken).not.toBeNull()
    expect(grant.providerSessionId).toMatch(/./)
    expect(grant.providerSessionId).toBe(grant.claims['sid'])
    expect(grant.claims['sub']).toBe('alice')
    for (const noise of ['nonce', 'aud', 'exp', 'iat', 'at_hash'])
      expect(grant.claims).not.toHaveProperty(noise)
    expect(grant.idToken).toBeNull()
  })

  it('pushes the authorization request, so that the browser sees a reference only', async () => {
    const started = await start()
    const provider = demo(started)
    const { url } = await provider.authorize({ redirectUri: REDIRECT_URI, state: 's', parameters: {} })
    expect([...new URL(url).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    expect((await signedIn(provider)).subject).toBe('alice')
  })

  it.each([
    ['client_secret_basic', (clients: TestProvider['clients']) => clients.basic],
    [
      'client_secret_post',
      (clients: TestProvider['clients']) => ({
        ...clients.post,
        clientSecretMethod: 'client_secret_post' as const,
      }),
    ],
    [
      'private_key_jwt',
      ({ privateKeyJwt: { clientId, privateKey } }: TestProvider['clients']) => ({
        clientId,
        privateKeyJwt: { key: privateKey },
      }),
    ],
    [
      'none, asked for',
      (clients: TestProvider['clients']) => ({ ...clients.public, dangerouslyPublicClient: true as const }),
    ],
  ])(
    'authenticates with %s for pushing, exchange, refresh and revocation [BFF-01]',
    async (_name, client) => {
      const started = await start()
      const provider = oidc({ issuer: started.issuer, ...client(started.clients) })
      const grant = await signedIn(provider)
      const refreshed = await provider.refresh(refreshOf(grant))
      expect(refreshed.accessToken).not.toBe(grant.accessToken)
      await provider.revoke({
        issuer: null,
        token: refreshed.refreshToken ?? '',
        hint: 'refresh_token',
        dpopKeyPair: null,
      })
      expect(started.stats).toMatchObject({ authorizations: 1, refreshes: 1, revocations: 1 })
      const again = await failureOf(
        provider.refresh({ ...refreshOf(grant), refreshToken: refreshed.refreshToken ?? '' }),
      )
      expect(again.code).toBe('refresh_rejected')
    },
  )

  it('reports a wrong secret as the operator’s to mend, and keeps the session', async () => {
    const started = await start()
    const grant = await signedIn(demo(started))
    const wrong = demo(started, { clientSecret: 'not-the-secret' })
    const error = await failureOf(wrong.refresh(refreshOf(grant)))
    expect(error.code).toBe('provider_misconfigured')
    expect(error.message).toContain('invalid_client')
    expect((await demo(started).refresh(refreshOf(grant))).accessToken).toBeTruthy()
  })

  it('works with prompt=none at a provider that names no prompt_values_supported', async () => {
    const started = await start()
    const provider = demo(started)
    const browser = createBrowser()
    const first = await signedIn(provider, { browser })
    const second = await signedIn(provider, { browser, parameters: { prompt: 'none' } })
    expect(second.subject).toBe('alice')
    expect(second.providerSessionId).toBe(first.providerSessionId)
    const stranger = await failureOf(signedIn(provider, { parameters: { prompt: 'none' } }))
    expect(stranger.code).toBe('login_failed')
    expect(stranger.message).toContain('login_required')
  })

  it('checks auth_time when max_age was asked for', async () => {
    const provider = demo(await start())
    const grant = await signedIn(provider, { parameters: { max_age: '60' } })
    expect(grant.claims['auth_time']).toBeTypeOf('number')
  })

  it('takes a step-up that the provider made, and none that it left out [CKS-17]', async () => {
    const provider = demo(await start())
    const browser = createBrowser()
    const first = await signedIn(provider, { browser })
    expect(first.claims['acr']).not.toBe('mfa')
    const skipped = await failureOf(signedIn(provider, { browser, parameters: { acr_values: 'mfa' } }))
    expect(skipped.code).toBe('login_failed')
    const stepUp = { acr_values: 'mfa', prompt: 'login' }
    expect((await signedIn(provider, { browser, parameters: stepUp })).claims['acr']).toBe('mfa')
  })

  it('a code serves once', async () => {
    const provider = demo(await start())
    const { url, transaction } = await provider.authorize({
      redirectUri: REDIRECT_URI,
      state: 's',
      parameters: {},
    })
    const callback = await signInAtProvider(url, 'alice')
    await provider.exchange({ url: callback, state: 's' }, transaction)
    const error = await failureOf(provider.exchange({ url: callback, state: 's' }, transaction))
    expect(error.code).toBe('login_failed')
    expect(error.message).toContain('invalid_grant')
  })
})

describe('DPoP at a real provider', () => {
  it.each([false, true])(
    'binds tokens to one key, nonces required: %s [DPO-12, DPO-13, DPO-15]',
    async (nonces) => {
      const started = await start({ requireDpopNonces: nonces })
      const provider = demo(started, { dpop: true })
      const grant = await signedIn(provider)
      expect(grant.dpopKeyPair).not.toBeNull()
      expect(decodeJwt(grant.accessToken)['cnf']).toEqual({ jkt: grant.dpopKeyPair?.thumbprint })

      const refreshed = await provider.refresh(refreshOf(grant))
      expect(refreshed.dpopKeyPair).toEqual(grant.dpopKeyPair)
      expect(decodeJwt(refreshed.accessToken)['cnf']).toEqual({ jkt: grant.dpopKeyPair?.thumbprint })
      await provider.revoke({
        issuer: null,
        token: refreshed.refreshToken ?? '',
        hint: 'refresh_token',
        dpopKeyPair: grant.dpopKeyPair,
      })
      const again = await failureOf(
        provider.refresh({ ...refreshOf(grant), refreshToken: refreshed.refreshToken ?? '' }),
      )
      expect(again.code).toBe('refresh_rejected')
    },
  )

  it('a private_key_jwt client gets through the nonce challenge with a new assertion [DPO-12]', async () => {
    const started = await start({ requireDpopNonces: true })
    const { clientId, privateKey } = started.clients.privateKeyJwt
    const provider = oidc({
      issuer: started.issuer,
      clientId,
      privateKeyJwt: { key: privateKey },
      dpop: true,
    })
    expect((await signedIn(provider)).dpopKeyPair).not.toBeNull()
  })

  it('a public client cannot refresh with another key [DPO-13]', async () => {
    const started = await start()
    const options = {
      issuer: started.issuer,
      ...started.clients.public,
      dangerouslyPublicClient: true,
      dpop: true,
    } as const
    const provider = oidc(options)
    const [mine, other] = [await signedIn(provider), await signedIn(provider)]
    const error = await failureOf(provider.refresh({ ...refreshOf(mine), dpopKeyPair: other.dpopKeyPair }))
    expect(error.code).toBe('refresh_rejected')
    expect((await provider.refresh(refreshOf(mine))).dpopKeyPair).toEqual(mine.dpopKeyPair)
  })
})

describe('refresh at a real provider', () => {
  it('takes over the rotated refresh token; RFT-07 a used one is terminal [RFT-01]', async () => {
    const started = await start()
    const provider = demo(started)
    const grant = await signedIn(provider)
    const refreshed = await provider.refresh(refreshOf(grant))
    expect(refreshed.refreshToken).not.toBe(grant.refreshToken)
    expect((await failureOf(provider.refresh(refreshOf(grant)))).code).toBe('refresh_rejected')
  })

  it.each([400, 403] as const)(
    'ends the session whose refresh token was revoked, and no other, with invalid_grant and %i',
    async (invalidGrantStatus) => {
      const started = await start({ invalidGrantStatus, grants: 'sign-in' })
      const provider = demo(started)
      const [dead, alive] = [await signedIn(provider), await signedIn(provider)]
      await provider.revoke({
        issuer: null,
        token: dead.refreshToken ?? '',
        hint: 'refresh_token',
        dpopKeyPair: null,
      })
      for (let call = 0; call < 6; call += 1) {
        expect((await failureOf(provider.refresh(refreshOf(dead)))).code).toBe('refresh_rejected')
      }
      expect((await provider.refresh(refreshOf(alive))).accessToken).not.toBe(alive.accessToken)
    },
  )

  it.each([400, 403] as const)(
    'goes on signing in after a stranger’s garbage codes, refused with invalid_grant and %i',
    async (invalidGrantStatus) => {
      const started = await start({ invalidGrantStatus })
      const provider = demo(started)
      const state = crypto.randomUUID()
      const request = { redirectUri: REDIRECT_URI, state, parameters: {} }
      const { transaction } = await provider.authorize(request)
      const garbage = new URLSearchParams({ code: 'garbage', state, iss: started.issuer })
      for (let call = 0; call < 6; call += 1) {
        const attempt = provider.exchange({ url: `${REDIRECT_URI}?${garbage}`, state }, transaction)
        expect((await failureOf(attempt)).code).toBe('login_failed')
      }
      expect((await signedIn(provider)).subject).toBe('alice')
    },
  )

  it.each(['500', '429', 'html', 'reset'] as const)(
    'a provider that answers %s ends nothing [RFT-08]',
    async (mode) => {
      const started = await start()
      const provider = demo(started)
      const grant = await signedIn(provider)
      started.fail(mode)
      const error = await failureOf(provider.refresh(refreshOf(grant)))
      expect(error.code).toBe('provider_unavailable')
      expect(error.retryAfter).toBe(mode === '429' ? 1 : null)
      started.fail('none')
      expect((await provider.refresh(refreshOf(grant))).accessToken).not.toBe(grant.accessToken)
    },
  )

  it('takes no refreshed ID token that somebody changed between the provider and here', async () => {
    const started = await start()
    let isChanging = false
    const fetchThroughMallory: Fetch = async (url, init) => {
      const response = await fetch(url, init)
      if (!isChanging || !url.endsWith('/token')) return response
      const body: Record<string, unknown> = { ...(await response.json()) }
      const [header = '', payload = '', signature = ''] = String(body['id_token']).split('.')
      const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['admin'] }
      const changed = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return Response.json({ ...body, id_token: [header, changed, signature].join('.') })
    }
    const provider = demo(started, { fetch: fetchThroughMallory })
    const grant = await signedIn(provider)
    isChanging = true
    const error = await failureOf(provider.refresh(refreshOf(grant)))
    expect(String(error.cause)).toContain('JWSSignatureVerificationFailed')
  })

  it('tells the core who the refreshed tokens are about [RFT-14]', async () => {
    const started = await start()
    const provider = demo(started)
    const grant = await signedIn(provider)
    const refreshed = await provider.refresh(refreshOf(grant))
    expect(refreshed.claims).toMatchObject({ iss: started.issuer, sub: 'alice' })
  })
})

describe('sign-out at a real provider', () => {
  it('ends the session there and comes back with the state, without any token in a URL [LGO-16]', async () => {
    const started = await start()
    const provider = demo(started)
    const browser = createBrowser()
    const grant = await signedIn(provider, { browser })
    const url = await provider.endSessionUrl({
      issuer: grant.issuer,
      idToken: grant.idToken,
      postLogoutRedirectUri: AFTER_LOGOUT,
      state: 'back',
      subject: grant.subject,
    })
    expect(url).not.toBeNull()
    expect(url).not.toMatch(/ey[\w-]+\./)
    expect(await browser.leave(url ?? '')).toBe(`${AFTER_LOGOUT}?state=back`)
    const afterwards = await failureOf(signedIn(provider, { browser, parameters: { prompt: 'none' } }))
    expect(afterwards.message).toContain('login_required')
  })

  it('with idTokenHint the id token is kept and sent [LGO-16, LGO-20]', async () => {
    const started = await start()
    const provider = demo(started, { idTokenHint: true })
    const browser = createBrowser()
    const grant = await signedIn(provider, { browser })
    expect(grant.idToken).not.toBeNull()
    const url = await provider.endSessionUrl({
      issuer: grant.issuer,
      idToken: grant.idToken,
      postLogoutRedirectUri: AFTER_LOGOUT,
      state: null,
      subject: grant.subject,
    })
    expect(new URL(url ?? '').searchParams.get('id_token_hint')).toBe(grant.idToken)
    expect(await browser.leave(url ?? '')).toBe(AFTER_LOGOUT)
  })

  it('to LGO-08 verifies the logout token the provider sends [LGO-03]', async () => {
    const inbox = await logoutInbox()
    try {
      const started = await start({ backchannelLogoutUri: inbox.url })
      const provider = demo(started)
      const grant = await signedIn(provider)
      await started.backchannelLogout('alice')
      expect(await provider.verifyLogoutToken(await inbox.token)).toMatchObject({
        issuer: started.issuer,
        subject: 'alice',
        providerSessionId: grant.providerSessionId,
      })
    } finally {
      inbox.close()
    }
  })
})

async function logoutInbox() {
  let arrive = (_token: string) => {}
  const token = new Promise<string>((resolve) => {
    arrive = resolve
  })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    arrive(new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '')
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/backchannel-logout`, token, close: () => server.close() }
}
