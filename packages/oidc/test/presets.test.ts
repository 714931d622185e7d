import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { apple, auth0, cognito, entra, google, keycloak, okta } from '../src/presets.ts'
import { outcomeOf } from './support/option-effects.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { scriptedBff } from './support/scripted-bff.ts'
import { json } from './support/scripted-provider.ts'
import { begin, callback, providerFor, refreshRequest } from './support/sign-in.ts'
import { answerTokens, fetchAs } from './support/stub-provider.ts'

const LOGOUT = 'https://app.example.com/bff/logout/callback'
type Provider = ReturnType<typeof providerFor>

/** What the provider was asked for, and a token answer without a refresh token. */
async function begun(provider: Provider) {
  const { url, nonce, transaction } = await begin(provider)
  const asked = Object.fromEntries(url.searchParams)
  const scopes = new Set(asked['scope']?.split(' '))
  const exchange = (iss: string) => provider.exchange(callback(scripted, { iss }), transaction)
  return { asked, scopes, nonce, exchange }
}

const bearer = (more: Record<string, unknown>) => ({
  ...{ access_token: 'access-1', token_type: 'Bearer', expires_in: 3600 },
  ...more,
})
const end = (issuer: string) => ({
  ...{ issuer, subject: 'alice', idToken: 'ey.of.alice', state: 's', postLogoutRedirectUri: LOGOUT },
})

describe('Microsoft Entra ID', () => {
  const graph = { userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo' }

  it('one tenant: a refresh token for offline_access, no question at Graph, its lifetimes as texts', async () => {
    const preset = entra({ tenant: 'red' })
    scripted.on('/oidc/userinfo', json(401, { error: { code: 'InvalidAuthenticationToken' } }))
    const provider = providerFor(scripted, {
      ...preset,
      fetch: fetchAs(scripted, { issuer: preset.issuer, metadata: graph }),
    })
    const { scopes, nonce, exchange } = await begun(provider)
    const id_token = await scripted.idToken({ nonce, iss: preset.issuer, tid: 'red' })
    answerTokens(scripted, async () =>
      bearer({
        ...{ expires_in: '3599', ext_expires_in: '3599', id_token },
        refresh_token: scopes.has('offline_access') ? 'refresh-1' : undefined,
      }),
    )
    expect(await exchange(preset.issuer)).toMatchObject({ refreshToken: 'refresh-1', expiresIn: 3599 })
    expect(scripted.requestsTo('/oidc/userinfo')).toEqual([])
  })

  it('several tenants: those of the list, each under its own issuer', async () => {
    const preset = entra({ tenants: ['red', 'blue'] })
    const { issuer, metadataUrl = '' } = preset
    const provider = providerFor(scripted, {
      ...preset,
      fetch: fetchAs(scripted, { issuer, metadataUrl, metadata: graph }),
    })
    const subjectAt = (tenant: string, tid = tenant) =>
      outcomeOf(async () => {
        const { nonce, exchange } = await begun(provider)
        const iss = `https://login.microsoftonline.com/${tenant}/v2.0`
        const id_token = await scripted.idToken({ nonce, iss, tid })
        answerTokens(scripted, async () => bearer({ id_token }))
        return (await exchange(iss)).issuer
      })
    expect(await subjectAt('red')).toBe('https://login.microsoftonline.com/red/v2.0')
    expect(await subjectAt('blue')).toBe('https://login.microsoftonline.com/blue/v2.0')
    expect([await subjectAt('green'), await subjectAt('red', 'green')]).toEqual([
      'login_failed',
      'login_failed',
    ])
    const open = entra({ tenants: (tenant) => tenant !== 'green' })
    const accepts = (tid: string) =>
      open.acceptIssuer?.(`https://login.microsoftonline.com/${tid}/v2.0`, { tid })
    expect([accepts('any'), accepts('green')]).toEqual([true, false])
  })

  it.each([{}, { tenant: 'red', tenants: ['red'] }])('%o is refused at once', (wrong) => {
    expect(() => entra(wrong)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})

const APPLE = { clientId: 'com.example', teamId: 'A1B2C3D4E5', keyId: 'F6G7H8I9J0', privateKey: '' }
it.each<[() => object, string]>([
  [() => entra({ tenant: '' }), 'entra: tenant is empty. Set it, or its environment variable'],
  [() => okta({ domain: '' }), 'okta: domain is empty. Set it, or its environment variable'],
  [() => okta(JSON.parse('{}')), 'okta: domain is missing. Set it, or its environment variable'],
  [
    () => okta({ domain: 'https://dev-1.okta.com' }),
    'okta: domain must be a host name such as dev-1.okta.com',
  ],
  [() => auth0({ domain: '' }), 'auth0: domain is empty'],
  [() => keycloak({ url: '', realm: 'shop' }), 'keycloak: url is empty'],
  [() => keycloak({ url: 'https://id.example.com', realm: '' }), 'keycloak: realm is empty'],
  [() => cognito({ userPoolId: '' }), 'cognito: userPoolId is empty'],
  [() => cognito({ userPoolId: 'AbCdEf' }), 'cognito: userPoolId must be an id with its region'],
  [() => apple(APPLE), 'apple: privateKey is empty'],
  [() => apple({ ...APPLE, privateKey: 'secret' }), 'apple: privateKey must be the content of the .p8 file'],
])('A preset refuses at once what no provider can have: case %#', (make, sentence) => {
  expect(make).toThrowError(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(sentence) }),
  )
})

it('Okta: the claims that its thin ID token leaves out, and a sign-out with the ID token', async () => {
  const preset = okta({ domain: 'example.okta.com' })
  expect(preset.issuer).toBe('https://example.okta.com/oauth2/default')
  const metadata = {
    userinfo_endpoint: `${preset.issuer}/userinfo`,
    end_session_endpoint: `${preset.issuer}/logout`,
  }
  const provider = providerFor(scripted, {
    ...preset,
    fetch: fetchAs(scripted, { issuer: preset.issuer, metadata }),
  })
  const { scopes, nonce, exchange } = await begun(provider)
  const id_token = await scripted.idToken({
    nonce,
    iss: preset.issuer,
    name: 'Alice',
    preferred_username: 'al',
  })
  answerTokens(scripted, async () =>
    bearer({ id_token, refresh_token: scopes.has('offline_access') ? 'refresh-1' : undefined }),
  )
  scripted.on('/oauth2/default/userinfo', json(200, { sub: 'alice', email: 'alice@example.com' }))
  const grant = await exchange(preset.issuer)
  expect(grant).toMatchObject({ refreshToken: 'refresh-1', userInfo: { email: 'alice@example.com' } })
  const url = new URL((await provider.endSessionUrl(end(preset.issuer))) ?? '')
  expect(url.searchParams.get('id_token_hint')).toBe('ey.of.alice')
})

it('Auth0: its issuer ends in a slash, and an audience makes the access token one for the API', async () => {
  const preset = auth0({ domain: 'example.eu.auth0.com' })
  const provider = providerFor(scripted, {
    ...preset,
    audience: 'https://orders.example.com',
    fetch: fetchAs(scripted, { issuer: 'https://example.eu.auth0.com/' }),
  })
  const { asked, scopes, nonce, exchange } = await begun(provider)
  const id_token = await scripted.idToken({ nonce, iss: 'https://example.eu.auth0.com/', name: 'Alice' })
  answerTokens(scripted, async () =>
    bearer({
      id_token,
      access_token: asked['audience'] === undefined ? 'opaque' : 'jwt-for-orders',
      refresh_token: scopes.has('offline_access') ? 'refresh-1' : undefined,
    }),
  )
  expect(await exchange(preset.issuer)).toMatchObject({
    ...{ accessToken: 'jwt-for-orders', refreshToken: 'refresh-1' },
  })
  scripted.on('/token', json(403, { error: 'invalid_grant' }))
  const refresh = () => provider.refresh(refreshRequest({ issuer: preset.issuer }))
  expect(await outcomeOf(refresh)).toBe('refresh_rejected')
})

it('Keycloak: a refresh token that ends with its session, without offline_access', async () => {
  const preset = keycloak({ url: 'https://id.example.com/', realm: 'shop' })
  expect(preset.issuer).toBe('https://id.example.com/realms/shop')
  const provider = providerFor(scripted, { ...preset, fetch: fetchAs(scripted, { issuer: preset.issuer }) })
  const { scopes, nonce, exchange } = await begun(provider)
  const id_token = await scripted.idToken({ nonce, iss: preset.issuer, sid: 'of-keycloak', name: 'Alice' })
  answerTokens(scripted, async () =>
    bearer({
      ...{ id_token, refresh_token: 'refresh-1', 'not-before-policy': 0, session_state: 'of-keycloak' },
      refresh_expires_in: scopes.has('offline_access') ? 0 : 1800,
    }),
  )
  expect(await exchange(preset.issuer)).toMatchObject({
    ...{ refreshTokenExpiresIn: 1800, providerSessionId: 'of-keycloak' },
  })
})

it('Amazon Cognito: no offline_access, no new refresh token, and its own parameter at the sign-out', async () => {
  const preset = cognito({ userPoolId: 'eu-west-1_AbCdEfGhI' })
  expect(preset.issuer).toBe('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI')
  const metadata = { end_session_endpoint: 'https://shop.auth.eu-west-1.amazoncognito.com/logout' }
  const provider = providerFor(scripted, {
    ...preset,
    fetch: fetchAs(scripted, { issuer: preset.issuer, metadata }),
  })
  const { scopes, nonce, exchange } = await begun(provider)
  expect(scopes).toEqual(new Set(['openid', 'profile', 'email']))
  const id_token = await scripted.idToken({ nonce, iss: preset.issuer, email: 'alice@example.com' })
  answerTokens(scripted, async (form) =>
    form.get('grant_type') === 'refresh_token'
      ? bearer({})
      : bearer({ id_token, refresh_token: 'refresh-1' }),
  )
  expect((await exchange(preset.issuer)).refreshToken).toBe('refresh-1')
  const refreshed = await provider.refresh(refreshRequest({ issuer: preset.issuer }))
  expect(refreshed).toMatchObject({ accessToken: 'access-1', refreshToken: null })
  const url = new URL((await provider.endSessionUrl(end(preset.issuer))) ?? '')
  expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: 'app', logout_uri: LOGOUT })
})

it('Google: a refresh token only for offline access with consent, and no sign-out page', async () => {
  const preset = google()
  const provider = providerFor(scripted, { ...preset, fetch: fetchAs(scripted, { issuer: preset.issuer }) })
  const { asked, scopes, nonce, exchange } = await begun(provider)
  expect(scopes.has('offline_access')).toBe(false)
  const id_token = await scripted.idToken({ nonce, iss: preset.issuer, name: 'Alice' })
  answerTokens(scripted, async () => {
    const isOffline = asked['access_type'] === 'offline' && asked['prompt'] === 'consent'
    return bearer({ id_token, refresh_token: isOffline ? 'refresh-1' : undefined })
  })
  expect((await exchange(preset.issuer)).refreshToken).toBe('refresh-1')
  expect(await provider.endSessionUrl(end(preset.issuer))).toBeNull()
  const silent = await begin(provider, { prompt: 'none' })
  expect(silent.url.searchParams.getAll('prompt')).toEqual(['none'])
})

it('Apple: a form at the callback, and a secret that is a short-lived JWT of the app’s key', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const preset = apple({
    ...{ clientId: 'com.example.web', teamId: 'TEAM567890', keyId: 'KEY4567890' },
    privateKey: await exportPKCS8(privateKey),
  })
  const refuseWrongSecret = async (form: URLSearchParams) => {
    const { payload, protectedHeader } = await jwtVerify(String(form.get('client_secret')), publicKey, {
      ...{ issuer: 'TEAM567890', subject: 'com.example.web', audience: 'https://appleid.apple.com' },
      ...{ algorithms: ['ES256'], currentDate: new Date(scripted.clock.now()), requiredClaims: ['exp'] },
    })
    expect(form.get('client_id')).toBe('com.example.web')
    expect(protectedHeader.kid).toBe('KEY4567890')
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
  }
  const metadata = { revocation_endpoint: 'https://appleid.apple.com/auth/revoke' }
  const { signIn, browser, session } = scriptedBff(scripted, {
    ...preset,
    fetch: fetchAs(scripted, { issuer: preset.issuer, metadata }),
  })
  const answer = {
    iss: preset.issuer,
    aud: 'com.example.web',
    email: 'a@privaterelay.appleid.com',
    email_verified: 'true',
  }
  expect(await signIn(answer)).toBe('/')
  expect(scripted.requestsTo('/token')).toHaveLength(1)
  await refuseWrongSecret(scripted.requestsTo('/token')[0]?.form ?? new URLSearchParams())
  expect((await (await session()).identity()).claims['email']).toBe('a@privaterelay.appleid.com')
  scripted.clock.jump(3_600_000)
  answerTokens(scripted, async (form) => {
    await refuseWrongSecret(form)
    return bearer({ id_token: await scripted.idToken(answer) })
  })
  expect(await browser.refresh()).toBe(200)
  const begin = new URL((await browser.navigate('/bff/login')).headers.get('location') ?? '')
  expect(begin.searchParams.get('response_mode')).toBe('form_post')
})
