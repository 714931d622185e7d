import { createServer } from 'node:http'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { apiProxy, sessionFetch } from '@bff/core/proxy'
import { createBrowser, startProvider } from '@bff/testing'
import { decodeJwt } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { oauthClient } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { scriptedBff } from './support/scripted-bff.ts'
import { json } from './support/scripted-provider.ts'
import { begin, callback, providerFor, refreshRequest, TOKENS } from './support/sign-in.ts'

const ORDERS = 'https://orders.internal'
const BILLING = 'https://billing.internal'
const request = (target: Record<string, string>) => ({
  ...refreshRequest({ issuer: scripted.issuer }),
  target,
})
const sentToToken = () => scripted.requestsTo('/token').at(-1)?.form

describe('The APIs of the options [RFC 8707 2.2]', () => {
  const options = { resource: [ORDERS, BILLING], audience: 'orders' }

  it('are all in the authorization request, whatever the app adds to it', async () => {
    const { url } = await begin(providerFor(scripted, options), { resource: 'https://evil.example.com' })
    expect(url.searchParams.getAll('resource')).toEqual([ORDERS, BILLING])
    expect(url.searchParams.getAll('audience')).toEqual(['orders'])
  })

  it('are all in a pushed one', async () => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    scripted.on('/par', json(201, { request_uri: 'urn:1', expires_in: 60 }))
    await begin(providerFor(scripted, options))
    const [pushed] = scripted.requestsTo('/par')
    expect(pushed?.form.getAll('resource')).toEqual([ORDERS, BILLING])
    expect(pushed?.form.get('audience')).toBe('orders')
  })

  it('the first one is in the code exchange and in a refresh', async () => {
    const provider = providerFor(scripted, options)
    const { nonce, transaction } = await begin(provider)
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken({ nonce }) }))
    await provider.exchange(callback(scripted), transaction)
    expect([sentToToken()?.getAll('resource'), sentToToken()?.get('audience')]).toEqual([[ORDERS], 'orders'])
    await provider.refresh(refreshRequest({ issuer: scripted.issuer }))
    expect([sentToToken()?.getAll('resource'), sentToToken()?.get('audience')]).toEqual([[ORDERS], 'orders'])
  })

  it.each([
    [{ resource: 'orders' }, 'resource'],
    [{ resource: [ORDERS, `${BILLING}#part`] }, 'resource'],
    [{ audience: '' }, 'audience'],
  ])('%o is refused at once', (wrong, name) => {
    expect(() => providerFor(scripted, wrong)).toThrowError(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
    )
  })
})

describe('A token for a further API', () => {
  it('is asked for with the refresh token, for that API alone', async () => {
    scripted.on('/token', json(200, { ...TOKENS, access_token: 'for-billing', scope: 'billing' }))
    const provider = providerFor(scripted, { resource: [ORDERS, BILLING], audience: 'orders' })
    const tokens = await provider.apiToken(request({ resource: BILLING, scope: 'billing.read' }))
    expect(tokens).toMatchObject({ accessToken: 'for-billing', refreshToken: 'refresh-1', expiresIn: 60 })
    expect(Object.fromEntries(sentToToken() ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      resource: BILLING,
      scope: 'billing.read',
    })
  })

  it.each([
    ['invalid_grant', 'token_expired'],
    ['interaction_required', 'token_expired'],
    ['access_denied', 'provider_misconfigured'],
    ['invalid_target', 'provider_misconfigured'],
    ['invalid_scope', 'provider_misconfigured'],
    ['temporarily_unavailable', 'provider_unavailable'],
  ])('%s is %s', async (error, code) => {
    scripted.on('/token', json(400, { error }))
    expect((await failureOf(providerFor(scripted).apiToken(request({ scope: 's' })))).code).toBe(code)
  })

  it('is bound to the session’s key, or discarded [DPO-07, DPO-13]', async () => {
    const dpopKeyPair = await generateDpopKeyPair()
    const bound = { ...request({ resource: BILLING }), dpopKeyPair }
    scripted.on('/token', json(200, { ...TOKENS, token_type: 'DPoP' }))
    expect((await providerFor(scripted).apiToken(bound)).dpopKeyPair).toBe(dpopKeyPair)
    scripted.on('/token', json(200, TOKENS))
    expect((await failureOf(providerFor(scripted).apiToken(bound))).code).toBe('provider_misconfigured')
  })

  it('is not asked for at a provider that did not make the session', async () => {
    const foreign = { ...request({ resource: BILLING }), issuer: 'https://old.example.com' }
    expect((await failureOf(providerFor(scripted).apiToken(foreign))).code).toBe('provider_misconfigured')
    expect(scripted.requestsTo('/token')).toEqual([])
  })

  it('comes from a plain token endpoint too', async () => {
    scripted.on('/token', json(200, TOKENS))
    const provider = oauthClient({ tokenEndpoint: `${scripted.issuer}/token`, clientId: 'app' })
    expect((await provider.apiToken(request({ scope: 'billing' }))).accessToken).toBe('access-1')
    expect(sentToToken()?.get('scope')).toBe('billing')
  })
})

/** An API that answers what it was sent as `authorization`. */
async function startApi() {
  const server = createServer((incoming, response) => response.end(incoming.headers.authorization))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

describe('At a real provider that rotates refresh tokens and ends a grant at a reuse', () => {
  async function start() {
    const api = await startApi()
    const idp = await startProvider({
      backchannelLogoutUri: null,
      apiAudience: ORDERS,
      furtherApis: { [BILLING]: 'billing.read', 'https://stock.internal': 'stock' },
    })
    onTestFinished(() => idp.close())
    const proxy = apiProxy({
      routes: [
        { path: '/orders', target: api },
        { path: '/billing', target: api, userToken: { resource: BILLING } },
        { path: '/stock', target: api, userToken: { resource: 'https://stock.internal', scope: 'stock' } },
        { path: '/nowhere', target: api, userToken: { resource: 'https://nowhere.internal' } },
      ],
    })
    // The provider lives by the system's clock, from which this one is not far.
    scripted.clock.jump(Date.now() - scripted.clock.now())
    const app = scriptedBff(
      scripted,
      {
        ...idp.clients.basic,
        issuer: idp.issuer,
        scope: 'openid profile offline_access orders billing.read stock',
        resource: [ORDERS, BILLING, 'https://stock.internal'],
      },
      { proxy },
    )
    return { idp, api, ...app }
  }

  it('each API gets its own token, in any order, and the session goes on', async () => {
    const { idp, api, browser, session, bff } = await start()
    await browser.signIn(createBrowser())
    const audienceAt = async (path: string) => {
      const bearer = await (await browser.call('GET', path)).text()
      return decodeJwt(bearer.replace('Bearer ', ''))
    }
    const paths = ['/stock', '/billing', '/orders', '/billing', '/stock', '/orders']
    const all = await Promise.all(paths.map(audienceAt))
    expect(all.map(({ aud }) => aud)).toEqual([
      ...['https://stock.internal', BILLING, ORDERS, BILLING, 'https://stock.internal', ORDERS],
    ])
    expect(all.map(({ sub, scope }) => [sub, scope]).slice(0, 2)).toEqual([
      ['alice', 'stock'],
      ['alice', 'billing.read'],
    ])
    const before = idp.stats.refreshes
    expect(before).toBe(2)
    expect([await browser.refresh(), await browser.refresh()]).toEqual([200, 200])
    const call = sessionFetch({ origins: [api], userToken: { resource: BILLING } })
    const answered = await (await call(await session(), `${api}/totals`)).text()
    expect(decodeJwt(answered.replace('Bearer ', '')).aud).toBe(BILLING)
    expect((await audienceAt('/orders')).aud).toBe(ORDERS)
    expect(idp.stats.refreshes).toBe(before + 2)
    expect(idp.stats.reuseDetected ?? 0).toBe(0)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
  })

  it('an API that the provider does not know is the operator’s to correct, and ends nothing', async () => {
    const { browser, idp } = await start()
    await browser.signIn(createBrowser())
    const response = await browser.call('GET', '/nowhere')
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
      503,
      'provider_misconfigured',
    ])
    expect(idp.stats.refreshes).toBe(0)
    expect(await browser.refresh()).toBe(200)
  })
})
