import type { Session } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { startProvider, type TestProvider } from '@bff/testing'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ApiTokenOptions, clientCredentials, tokenExchange } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { CLIENT, hang, json, reset } from './support/scripted-provider.ts'

const FIRST = { rejected: null, signal: new AbortController().signal }
const refused = (rejected: string) => ({ ...FIRST, rejected })
const granted = (access_token: string, more: Record<string, unknown> = {}) =>
  json(200, { access_token, token_type: 'Bearer', expires_in: 300, ...more })

const options = (more: Partial<ApiTokenOptions> = {}): ApiTokenOptions => ({
  issuer: scripted.issuer,
  clock: scripted.clock,
  ...CLIENT,
  ...more,
})

describe('the BFF’s own token for an API', () => {
  it('is asked for with the client credentials grant, for the API it is for [RFT-17]', async () => {
    scripted.on('/token', granted('own-1'))
    const source = clientCredentials(options({ scope: 'read', resource: 'https://catalog.internal' }))
    expect(await source(FIRST)).toEqual({ accessToken: 'own-1', dpopKeyPair: null })
    expect(Object.fromEntries(scripted.requestsTo('/token')[0]?.form ?? [])).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'read',
      resource: 'https://catalog.internal',
    })
  })

  it('is kept, fetched once for all who wait, and renewed a minute before its end', async () => {
    scripted.on('/token', granted('own-1'), granted('own-2'))
    const source = clientCredentials(options())
    const all = await Promise.all(Array.from({ length: 50 }, () => source(FIRST)))
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(['own-1']))
    await scripted.clock.jump(239_000)
    expect((await source(FIRST)).accessToken).toBe('own-1')
    await scripted.clock.jump(1_000)
    expect((await source(FIRST)).accessToken).toBe('own-2')
    expect(scripted.requestsTo('/token')).toHaveLength(2)
  })

  it('of a short life is replaced when an API refuses it in the second half of that', async () => {
    scripted.on('/token', granted('own-1', { expires_in: 8 }), granted('own-2', { expires_in: 8 }))
    const source = clientCredentials(options())
    await source(FIRST)
    await scripted.clock.jump(3_000)
    expect((await source(refused('own-1'))).accessToken).toBe('own-1')
    await scripted.clock.jump(2_000)
    expect((await source(refused('own-1'))).accessToken).toBe('own-2')
  })

  it('is replaced when an API refuses it, but not at every refusal', async () => {
    scripted.on('/token', granted('own-1'), granted('own-2'))
    const source = clientCredentials(options())
    await source(FIRST)
    expect((await source(refused('own-1'))).accessToken).toBe('own-1')
    await scripted.clock.jump(10_000)
    const both = await Promise.all([source(refused('own-1')), source(refused('own-1'))])
    expect(both.map(({ accessToken }) => accessToken)).toEqual(['own-2', 'own-2'])
    expect((await source(refused('own-1'))).accessToken).toBe('own-2')
    expect(scripted.requestsTo('/token')).toHaveLength(2)
  })

  it('serves while it is alive and the provider is away; then the provider’s outage shows', async () => {
    scripted.on('/token', granted('own-1'), reset)
    const source = clientCredentials(options())
    await source(FIRST)
    await scripted.clock.jump(290_000)
    expect((await source(FIRST)).accessToken).toBe('own-1')
    await scripted.clock.jump(10_000)
    expect((await failureOf(source(FIRST))).code).toBe('provider_unavailable')
  })

  it('a provider that hangs is given up on [RFT-16]', async () => {
    scripted.on('/token', hang)
    const source = clientCredentials(options({ timeoutMs: 1_000 }))
    const failure = failureOf(source(FIRST))
    await scripted.received('/token')
    await scripted.clock.jump(1_000)
    expect((await failure).code).toBe('provider_unavailable')
  })

  it.each(['invalid_scope', 'invalid_target', 'invalid_client'])('%s is for the operator', async (error) => {
    scripted.on('/token', json(400, { error }))
    const failure = await failureOf(clientCredentials(options())(FIRST))
    expect(failure.code).toBe('provider_misconfigured')
    expect(failure.message).toContain(error)
  })

  it('a Bearer token where a bound one was asked for is discarded [DPO-07]', async () => {
    scripted.on('/token', granted('own-1'))
    const failure = await failureOf(clientCredentials(options({ dpop: true }))(FIRST))
    expect(failure.code).toBe('provider_misconfigured')
  })

  it.each([
    ['resource', { resource: 'catalog' }],
    ['resource', { resource: 'https://catalog.internal#part' }],
    ['scope', { scope: '' }],
    ['audience', { audience: '' }],
    ['option par of clientCredentials', { scope: 'orders', par: 'never' }],
    ['option scopes of clientCredentials', { scope: 'orders', scopes: 'orders' }],
  ])('a wrong %s is refused at once', (name, wrong) => {
    expect(() => clientCredentials(options(wrong))).toThrowError(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
    )
  })
})

describe('the BFF’s own token from a real provider', () => {
  let idp: TestProvider
  beforeEach(async () => {
    idp = await startProvider({ requireDpopNonces: true })
  })
  afterEach(() => idp.close())

  it.each([false, true])('is for the API, and bound to our key when DPoP is on: %s', async (dpop) => {
    const source = clientCredentials({ issuer: idp.issuer, ...idp.clients.basic, dpop })
    const { accessToken, dpopKeyPair } = await source(FIRST)
    const claims = decodeJwt(accessToken)
    expect(claims).toMatchObject({ iss: idp.issuer, aud: 'http://localhost:3002', client_id: 'demo' })
    expect(claims['cnf']).toEqual(dpop ? { jkt: dpopKeyPair?.thumbprint } : undefined)
  })
})

describe('a user’s token for one more API', () => {
  const session = (handle: string, tokens: Awaited<ReturnType<Session['tokens']>>) =>
    ({ handle, hasAccessToken: tokens !== null, tokens: async () => tokens }) as Session
  const alice = session('alice-handle', { accessToken: 'at-alice', dpopKeyPair: null })

  it('is exchanged for the session’s own (RFC 8693)', async () => {
    scripted.on(
      '/token',
      granted('billing-1', { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
    )
    const source = tokenExchange(options({ audience: 'billing' }))
    expect((await source(alice, FIRST))?.accessToken).toBe('billing-1')
    expect(Object.fromEntries(scripted.requestsTo('/token')[0]?.form ?? [])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'at-alice',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'billing',
    })
  })

  it('is kept for its session and never passes to another [RFT-03]', async () => {
    scripted.on('/token', granted('for-alice'), granted('for-bob'))
    const source = tokenExchange(options())
    const bob = session('bob-handle', { accessToken: 'at-bob', dpopKeyPair: null })
    const ask = async (who: Session) => (await source(who, FIRST))?.accessToken
    const [first] = await Promise.all([ask(alice), ask(alice)])
    expect([first, await ask(bob), await ask(alice)]).toEqual(['for-alice', 'for-bob', 'for-alice'])
    expect(scripted.requestsTo('/token').map(({ form }) => form.get('subject_token'))).toEqual([
      'at-alice',
      'at-bob',
    ])
  })

  it('is bound to the session’s key [DPO-13]', async () => {
    scripted.on('/token', granted('bound', { token_type: 'DPoP' }))
    const keyPair = await generateDpopKeyPair()
    const source = tokenExchange(options())
    const tokens = await source(session('h', { accessToken: 'at', dpopKeyPair: keyPair }), FIRST)
    expect(tokens).toEqual({ accessToken: 'bound', dpopKeyPair: keyPair })
    const [sent] = scripted.requestsTo('/token')
    expect(sent?.headers['dpop']).toMatch(/^ey/)
  })

  it('a session without a token has none to exchange; a refused one must sign in again', async () => {
    scripted.on('/token', json(400, { error: 'invalid_grant' }))
    const source = tokenExchange(options())
    expect(await source(session('h', null), FIRST)).toBeNull()
    expect((await failureOf(source(alice, FIRST))).code).toBe('token_expired')
  })
})
