import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { CLIENT, json, text } from './support/scripted-provider.ts'
import { begin, providerFor, REDIRECT_URI, STATE } from './support/sign-in.ts'

const offerPar = () => {
  scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
}
const PUSHED = { request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 60 }

describe('the authorization request', () => {
  it('holds PKCE S256, state and a nonce, all new each time [BFF-18, BFF-19]', async () => {
    const provider = providerFor(scripted)
    const [first, second] = [await begin(provider), await begin(provider)]
    expect(Object.fromEntries(first.url.searchParams)).toMatchObject({
      client_id: CLIENT.clientId,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile',
      state: STATE,
      nonce: first.nonce,
      code_challenge_method: 'S256',
    })
    const challenge = first.url.searchParams.get('code_challenge')
    expect(challenge).toMatch(/^[\w-]{43}$/)
    expect(first.url.href).not.toContain(String(first.transaction['codeVerifier']))
    expect(second.nonce).not.toBe(first.nonce)
    expect(second.url.searchParams.get('code_challenge')).not.toBe(challenge)
  })

  it('is never downgraded by a provider that names no S256 [BFF-18]', async () => {
    scripted.metadata['code_challenge_methods_supported'] = ['plain']
    expect((await begin(providerFor(scripted))).url.searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('takes parameters of the app', async () => {
    const { url } = await begin(providerFor(scripted), {
      prompt: 'login',
      login_hint: 'alice',
      acr_values: 'urn:mfa',
    })
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      prompt: 'login',
      login_hint: 'alice',
      acr_values: 'urn:mfa',
    })
  })

  it.each([
    ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce'],
    ...['code_challenge', 'code_challenge_method', 'request', 'request_uri', 'dpop_jkt', 'id_token_hint'],
  ])('CVE-2025-67716 refuses a parameter %s of the app', async (name) => {
    const error = await failureOf(begin(providerFor(scripted), { [name]: 'mine' }))
    expect(error.code).toBe('invalid_argument')
    expect(error.message).toContain(name)
  })

  it.each(['-1', '1.5', 'soon', ''])('refuses max_age=%s', async (max_age) => {
    expect((await failureOf(begin(providerFor(scripted), { max_age }))).code).toBe('bad_request')
  })

  it('names the thumbprint of the key that the transaction keeps [DPO-15]', async () => {
    const { url, transaction } = await begin(providerFor(scripted, { dpop: true }))
    expect(transaction['dpopKeyPair']).toMatchObject({ thumbprint: url.searchParams.get('dpop_jkt') })
  })
})

describe('pushed authorization requests', () => {
  it('auto pushes where the metadata offers it, authenticated', async () => {
    offerPar()
    scripted.on('/par', json(201, PUSHED))
    const { url, nonce } = await begin(providerFor(scripted))
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT.clientId,
      request_uri: PUSHED.request_uri,
    })
    const [pushed] = scripted.requestsTo('/par')
    expect(pushed?.headers.authorization).toMatch(/^Basic /)
    expect(Object.fromEntries(pushed?.form ?? [])).toMatchObject({
      nonce,
      state: STATE,
      redirect_uri: REDIRECT_URI,
    })
  })

  it('always needs the provider’s offer', async () => {
    const provider = providerFor(scripted, { par: 'always' })
    expect((await failureOf(begin(provider))).code).toBe('provider_misconfigured')
  })

  it.each([
    ['401 invalid_client', json(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    [
      '401 invalid_client with a challenge',
      json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="id"' }),
      'provider_misconfigured',
    ],
    ['400 invalid_request', json(400, { error: 'invalid_request' }), 'provider_misconfigured'],
    ['400 access_denied', json(400, { error: 'access_denied' }), 'login_cancelled'],
    ['400 temporarily_unavailable', json(400, { error: 'temporarily_unavailable' }), 'provider_unavailable'],
    ['503', text(503, 'text/html', '<h1>503</h1>'), 'provider_unavailable'],
    ['200 with HTML', text(200, 'text/html', '<h1>hello</h1>'), 'provider_unavailable'],
    ['201 without a request_uri', json(201, { expires_in: 60 }), 'provider_unavailable'],
  ])('an answer of %s', async (_name, answer, code) => {
    offerPar()
    scripted.on('/par', answer)
    expect((await failureOf(begin(providerFor(scripted)))).code).toBe(code)
  })

  it('answers a nonce challenge once, with a proof of its own [DPO-08, DPO-12]', async () => {
    offerPar()
    const challenge = json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n-1' })
    scripted.on('/par', challenge, json(201, PUSHED))
    await begin(providerFor(scripted, { dpop: true }))
    expect(scripted.requestsTo('/par')).toHaveLength(2)

    scripted.on('/par', challenge)
    const error = await failureOf(begin(providerFor(scripted, { dpop: true })))
    expect(error.code).toBe('login_failed')
    expect(scripted.requestsTo('/par')).toHaveLength(4)
  })
})
