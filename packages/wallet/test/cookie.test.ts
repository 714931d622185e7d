import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import {
  type BffConfig,
  BffError,
  type BffEvent,
  createBff,
  type IdentityProvider,
  type Reply,
  type Session,
} from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { wallet } from '../src/index.ts'
import { signingKeyPem } from './support/keys.ts'
import { bearer, headerOf, jsonOf, newAccount, outcomeOf, type Sent, siweOf, world } from './support/world.ts'

const PAGE = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

/** A BFF in cookie mode with an API behind it, and a browser on its page. */
async function cookieWorld(
  provider: (own: IdentityProvider) => IdentityProvider = (own) => own,
  bff: Partial<BffConfig> = {},
) {
  const clock = manualClock()
  const ethereum = wallet({ keys: [await signingKeyPem()] })
  const relayed: string[] = []
  const upstream = {
    async send({ headers }: { headers: Iterable<readonly [string, string]> }) {
      relayed.push(new Map(headers).get('authorization') ?? '')
      return { status: 200, headers: [], body: null }
    },
    async close() {},
  }
  const made = await world({
    clock,
    bff: {
      plugins: [ethereum],
      provider: provider(ethereum.provider()),
      proxy: apiProxy({ routes: [{ path: '/orders', target: 'https://orders.internal' }], upstream }),
      ...bff,
    },
  })
  const browser = () => {
    const cookies = new Map<string, string>()
    const send = async (path: string, sent: Sent = {}): Promise<Reply> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...PAGE, ...(cookie === '' ? {} : { cookie }), ...sent.headers }
      const reply = await made.send(path, { ...sent, headers })
      for (const [name, line] of reply.headers) if (name === 'set-cookie') keep(cookies, line)
      return reply
    }
    const post = (path: string, body?: unknown) => send(path, { method: 'POST', body })
    const signIn = async (account = newAccount()) => {
      const token = String(jsonOf(await post('/auth/challenge'))['token'])
      const signature = await account.signMessage({ message: siweOf(token, account.address) })
      return post('/auth/login', { challenge: token, signature, address: account.address })
    }
    return { cookies, send, post, signIn }
  }
  return { ...made, relayed, browser }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const at = pair.indexOf('=')
  if (line.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

const tokenOf = (authorization = '') => authorization.replace('Bearer ', '')

it('a page signs in and gets a cookie, and no token ever [JWT-09]', async () => {
  const { browser, bff, relayed, send } = await cookieWorld()
  const account = newAccount()
  const page = browser()
  const reply = await page.signIn(account)
  expect([reply.status, jsonOf(reply)]).toEqual([200, { address: account.address }])
  expect([...page.cookies.keys()]).toEqual(['__Host-Http-bff'])
  const setCookies = reply.headers.filter(([name]) => name === 'set-cookie').map(([, line]) => line)
  expect(setCookies.every((line) => /; HttpOnly; Secure; SameSite=Strict$/.test(line))).toBe(true)
  expect(JSON.stringify(reply)).not.toContain('eyJ')

  const userId = `eip155:${account.address.toLowerCase()}`
  expect(jsonOf(await page.send('/bff/session'))).toMatchObject({ authenticated: true, user_id: userId })
  expect(await bff.sessions.list({ userId })).toMatchObject({
    sessions: [{ userId, issuer: 'https://app.example.com' }],
  })
  expect((await page.send('/orders/1')).status).toBe(200)
  const accessToken = tokenOf(relayed[0])
  expect(decodeJwt(accessToken)).toMatchObject({ sub: account.address, aud: 'session:access' })
  // The API behind can ask us about the token it got.
  expect((await send('/api/authorize', bearer(accessToken))).status).toBe(200)
})

it('refreshes the tokens of a wallet session when they are due, also when asked to', async () => {
  const { browser, relayed, clock, events, send } = await cookieWorld()
  const page = browser()
  await page.signIn()
  await page.send('/orders/1')
  clock.jump(290_000)
  await page.send('/orders/2')
  const [first, second] = relayed.map(tokenOf)
  expect(decodeJwt(second ?? '')['sid']).toBe(decodeJwt(first ?? '')['sid'])
  expect(second).not.toBe(first)
  expect((await send('/api/me', bearer(first ?? ''))).status).toBe(401)
  const asked = await page.post('/bff/refresh')
  expect([asked.status, jsonOf(asked)['message']]).toEqual([200, 'Session refreshed'])
  expect(events.filter(({ type }) => type === 'session.refreshed')).toHaveLength(2)
})

it('ends the tokens with the session: signed out, revoked, or replaced by another sign-in', async () => {
  const { browser, bff, relayed, send, events } = await cookieWorld()
  const account = newAccount()
  const ends: ReadonlyArray<(page: ReturnType<typeof browser>) => Promise<unknown>> = [
    (page) => page.post('/bff/logout'),
    () => bff.sessions.revokeAll({ userId: `eip155:${account.address.toLowerCase()}` }),
    (page) => page.signIn(account),
  ]
  const ended = () => events.filter((event) => event.type === 'auth.logout' && event.by === 'wallet').length
  for (const [index, end] of ends.entries()) {
    const page = browser()
    await page.signIn(account)
    await page.send('/orders/1')
    const token = tokenOf(relayed.at(-1))
    expect((await send('/api/authorize', bearer(token))).status).toBe(200)
    await end(page)
    // The tokens follow in the background.
    while (ended() <= index) await setImmediate()
    expect((await send('/api/authorize', bearer(token))).status).toBe(401)
    expect(
      events.filter((event) => event.type === 'auth.logout' && event.by === 'wallet').at(-1),
    ).toMatchObject({
      user_address: account.address,
      token_id: decodeJwt(token)['rid'],
    })
  }
})

it('signing out redirects to no provider', async () => {
  const { browser } = await cookieWorld()
  const page = browser()
  await page.signIn()
  expect(jsonOf(await page.post('/bff/logout'))).toEqual({ message: 'Logged out successfully' })
  expect(page.cookies.size).toBe(0)
})

it('a challenge is answered by the browser it was made for, and any other leaves it alone [WAL-02]', async () => {
  const { browser, events } = await cookieWorld()
  const [mine, theirs] = [browser(), browser()]
  const account = newAccount()
  const token = String(jsonOf(await mine.post('/auth/challenge'))['token'])
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const body = { challenge: token, signature, address: account.address }
  expect(outcomeOf(await theirs.post('/auth/login', body))).toBe('401 invalid challenge or signature')
  expect(events.at(-1)).toMatchObject({ type: 'wallet.refused', reason: 'other_browser' })
  await theirs.post('/auth/challenge')
  expect(outcomeOf(await theirs.post('/auth/login', body))).toBe('401 invalid challenge or signature')
  expect(outcomeOf(await mine.post('/auth/login', body))).toBe('200')
})

it('two tabs of one browser may both be asked', async () => {
  const { browser } = await cookieWorld()
  const page = browser()
  const account = newAccount()
  const first = String(jsonOf(await page.post('/auth/challenge'))['token'])
  await page.post('/auth/challenge')
  const signature = await account.signMessage({ message: siweOf(first, account.address) })
  const reply = await page.post('/auth/login', { challenge: first, signature, address: account.address })
  expect(outcomeOf(reply)).toBe('200')
})

it('wants the CSRF header where a cookie comes of it, and only there', async () => {
  const { send } = await cookieWorld()
  for (const path of ['/auth/challenge', '/auth/login'])
    expect(outcomeOf(await send(path, { method: 'POST' }))).toBe('403 csrf_violation')
  const client = await world()
  expect((await client.post('/auth/challenge')).status).toBe(200)
})

it('has no routes that would take tokens out from behind the cookie', async () => {
  const { bff } = await cookieWorld()
  for (const path of ['/auth/refresh', '/auth/logout'])
    expect(bff.handle({ ...emptyRequest, method: 'POST', target: path })).toBeUndefined()
})

const emptyRequest = {
  remoteAddress: undefined,
  header: () => undefined,
  headers: () => [],
  body: () => undefined,
  signal: new AbortController().signal,
}

it('vouches for a session to a reverse proxy, but not for what another site made the browser send [S4-7]', async () => {
  const { browser, events } = await cookieWorld()
  const page = browser()
  expect((await page.send('/api/authorize')).status).toBe(401)
  await page.signIn()
  const ask = (headers: Record<string, string>) => page.send('/api/authorize', { headers })
  const allowed = await ask({ 'x-csrf': '' })
  expect([allowed.status, allowed.body]).toEqual([200, null])
  expect((await ask({ 'sec-fetch-site': 'none' })).status).toBe(200)
  for (const site of ['cross-site', 'same-site'])
    expect((await ask({ 'sec-fetch-site': site })).status).toBe(401)
  // The cookie alone says nothing at `/api/me`.
  expect(outcomeOf(await page.send('/api/me'))).toBe('401 authorization header is required')
  await page.post('/bff/logout')
  expect((await ask({})).status).toBe(401)
  expect(events.some(({ type }) => type === 'request.failed')).toBe(false)
})

it('a lost answer of the store signs nobody out, however late it is noticed', async () => {
  const { browser, store, clock, relayed } = await cookieWorld()
  const page = browser()
  await page.signIn()
  await page.send('/orders/1')
  const { setIfAbsent } = store.ttl
  let cut = true
  // The store does what it is told, but its answer is lost.
  store.ttl.setIfAbsent = async (key, value, ttlMs) => {
    const answer = await setIfAbsent.call(store.ttl, key, value, ttlMs)
    if (!key.startsWith('revoked:') || !cut) return answer
    cut = false
    throw new BffError('store_unavailable')
  }
  clock.jump(301_000)
  expect((await page.send('/orders/2')).status).toBe(503)
  clock.jump(3_600_000)
  expect((await page.send('/orders/3')).status).toBe(200)
  expect(decodeJwt(tokenOf(relayed.at(-1)))['sid']).toBe(decodeJwt(tokenOf(relayed[0]))['sid'])
})

it('a session whose refresh token is no longer good has ended', async () => {
  const { browser, clock } = await cookieWorld()
  const page = browser()
  await page.signIn()
  clock.jump(5 * 86_400_000 + 6_000)
  expect(outcomeOf(await page.send('/orders/1'))).toBe('401 session_expired')
})

it('serves an OpenID provider and wallets side by side, each with its own', async () => {
  const calls: string[] = []
  const called = async (name: string): Promise<never> => {
    calls.push(name)
    throw new BffError('provider_unavailable')
  }
  const oidc: IdentityProvider = {
    authorize: () => called('authorize'),
    exchange: () => called('exchange'),
    refresh: () => called('refresh'),
    apiToken: () => called('apiToken'),
    revoke: () => called('revoke'),
    isMaker: ({ issuer }) => issuer === 'https://idp.example.com',
    sharesGrants: ({ issuer }) => issuer === 'https://idp.example.com',
    endSessionUrl: () => called('endSessionUrl'),
    verifyLogoutToken: () => called('verifyLogoutToken'),
  }
  const ethereum = wallet({ keys: [await signingKeyPem()] })
  const provider = ethereum.provider(oidc)
  createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider,
    plugins: [ethereum],
  })
  const refresh = {
    refreshToken: 'r',
    dpopKeyPair: null,
    issuer: 'https://idp.example.com',
    subject: 'alice',
    scope: null,
  }
  const from = { issuer: refresh.issuer }
  const end = { ...from, idToken: null, postLogoutRedirectUri: 'https://app.example.com', state: null }
  const opaque = { ...from, token: 'opaque', hint: 'refresh_token', dpopKeyPair: null } as const
  for (const call of [
    () => provider.authorize({ redirectUri: '', state: '', parameters: {} }),
    () => provider.exchange({ url: '', state: '' }, {}),
    () => provider.refresh(refresh),
    () => provider.apiToken({ ...refresh, target: { resource: 'https://orders.internal' } }),
    () => provider.revoke(opaque),
    () => provider.endSessionUrl({ ...end, subject: 'alice' }),
    () => provider.verifyLogoutToken(''),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(
    [refresh.issuer, null, 'https://app.example.com'].map((issuer) => provider.sharesGrants({ issuer })),
  ).toEqual([true, false, false])
  expect(calls).toEqual([
    ...['authorize', 'exchange', 'refresh', 'apiToken', 'revoke', 'endSessionUrl', 'verifyLogoutToken'],
  ])
  const own = { ...refresh, issuer: 'https://app.example.com', target: { scope: 'orders' } }
  await expect(provider.apiToken(own)).rejects.toMatchObject({ code: 'provider_misconfigured' })
  expect(
    await provider.endSessionUrl({
      ...end,
      issuer: 'https://app.example.com',
      subject: `eip155:0x${'0'.repeat(40)}`,
    }),
  ).toBe(null)
  await expect(provider.refresh({ ...refresh, issuer: 'https://app.example.com' })).rejects.toMatchObject({
    code: 'refresh_rejected',
  })
  expect(calls).toHaveLength(7)
})

it("refreshes the session of a user whose id is the app's own", async () => {
  const { clock, browser } = await cookieWorld(undefined, {
    hooks: { onCreateSession: () => ({ userId: '6f1c3c52' }) },
  })
  const page = browser()
  await page.signIn()
  for (let round = 0; round < 3; round++) {
    clock.jump(1_000)
    expect((await page.send('/bff/refresh', { method: 'POST' })).status).toBe(200)
  }
  expect(jsonOf(await page.send('/bff/session'))['user_id']).toBe('6f1c3c52')
})

it('cookie mode needs the wallet as provider, and says so', async () => {
  const alone = wallet({ keys: [await signingKeyPem()] })
  await expect(world({ bff: { plugins: [alone] } })).rejects.toThrow(/yourWallet.provider\(\)/)
  const { bff } = await cookieWorld()
  const reply = await bff.fetch(new Request('https://app.example.com/bff/login'))
  expect(reply.status).toBe(501)
})

it('lets hooks of the app have their say', async () => {
  const drafts: unknown[] = []
  const ethereum = wallet({ keys: [await signingKeyPem()] })
  const { post, events } = await world({
    bff: {
      plugins: [ethereum],
      provider: ethereum.provider(),
      hooks: {
        onCreateSession: (draft) => {
          drafts.push(draft.claims)
          return { metadata: { theme: 'dark' } }
        },
        onSessionLoad: (_session: Session) => {},
      },
    },
  })
  const account = newAccount()
  const challenged = await post('/auth/challenge', undefined, PAGE)
  const cookie = headerOf(challenged, 'set-cookie')?.split(';')[0] ?? ''
  const token = String(jsonOf(challenged)['token'])
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const body = { challenge: token, signature, address: account.address }
  const reply = await post('/auth/login', body, { ...PAGE, cookie })
  expect(reply.status).toBe(200)
  const sub = `eip155:${account.address.toLowerCase()}`
  expect(drafts).toEqual([{ iss: 'https://app.example.com', sub, address: account.address }])
  const told = events.filter(({ type }) => type !== 'config.insecure')
  expect(told.map(({ type }: BffEvent) => type)).toEqual([
    'wallet.challenged',
    'wallet.signed_in',
    'session.created',
    'login.succeeded',
  ])
})
