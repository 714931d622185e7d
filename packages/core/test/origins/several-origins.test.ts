import { expect, test } from 'vitest'
import { healthEndpoint, silentLogin } from '../../src/endpoints/index.ts'
import type { BffConfig, RequestView } from '../../src/index.ts'
import { origins } from '../../src/origins/index.ts'
import { type Browser, headerOf, jsonOf, setCookies, world } from '../world.ts'

const A = 'https://a.example.com'
const B = 'https://b.example.com'

/** A BFF at two origins, and what its provider was asked. */
function twoOrigins(config: Partial<BffConfig> = {}) {
  const all = world({ origin: origins([A, B]), ...config })
  const redirectUris: string[] = []
  const postLogout: string[] = []
  const callbacks: string[] = []
  const { authorize, exchange, endSessionUrl } = all.provider
  all.provider.authorize = async (asked) => {
    redirectUris.push(Reflect.get(asked, 'redirectUri'))
    return authorize.call(all.provider, asked)
  }
  all.provider.exchange = async (callback) => {
    callbacks.push(new URL(Reflect.get(callback ?? {}, 'url')).origin)
    return exchange.call(all.provider, callback)
  }
  all.provider.endSessionUrl = async (asked) => {
    postLogout.push(Reflect.get(asked, 'postLogoutRedirectUri'))
    return endSessionUrl.call(all.provider, asked)
  }
  return { ...all, redirectUris, postLogout, callbacks }
}

const host = (name: string) => ({ host: name })
const AT_A = host('a.example.com')
const AT_B = host('b.example.com')
const AT_EVIL = host('evil.example')

async function start(user: Browser, headers: Record<string, string>, returnTo = '/orders') {
  const reply = await user.navigate(`/bff/login?returnTo=${encodeURIComponent(returnTo)}`, headers)
  return new URL(headerOf(reply, 'location') ?? '').searchParams.get('state') ?? ''
}

async function signIn(user: Browser, headers: Record<string, string>) {
  return user.navigate(`/bff/callback?code=c&state=${await start(user, headers)}`, headers)
}

test('redirect URI, callback and return from the provider’s sign-out follow the origin', async () => {
  const { browser, redirectUris, callbacks, postLogout } = twoOrigins()
  for (const at of [AT_A, AT_B]) {
    const user = browser()
    expect(headerOf(await signIn(user, at), 'location')).toBe('/orders')
    expect((await user.fetch('POST', '/bff/logout', at)).status).toBe(200)
  }
  expect(redirectUris).toEqual([`${A}/bff/callback`, `${B}/bff/callback`])
  expect(callbacks).toEqual([A, B])
  expect(postLogout).toEqual([`${A}/bff/logout/callback`, `${B}/bff/logout/callback`])
})

test('the cookies are host-only at each origin [CKS-01]', async () => {
  const user = twoOrigins().browser()
  const cookies = setCookies(await signIn(user, AT_B))
  expect(cookies[0]).toMatch(
    /^__Host-Http-bff=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/,
  )
  for (const cookie of cookies) expect(cookie).not.toMatch(/domain/i)
})

test('a sign-in that began at one origin does not end at the other [BFF-25]', async () => {
  const { browser, callbacks } = twoOrigins()
  const user = browser()
  const state = await start(user, AT_A)
  const reply = await user.navigate(`/bff/callback?code=c&state=${state}`, AT_B)
  expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
  expect([callbacks, [...user.cookies.keys()].filter((name) => name === '__Host-Http-bff')]).toEqual([[], []])
})

test('the check compares with the origin of the request, not with its sibling [CSR-01, CSR-09]', async () => {
  const { browser } = twoOrigins()
  const user = browser()
  const old = { 'sec-fetch-site': undefined as never }
  const ask = async (at: Record<string, string>, origin: string) =>
    (await user.fetch('POST', '/bff/refresh', { ...at, ...old, origin })).status
  // 401: it has passed the check, and is not signed in.
  expect([await ask(AT_A, A), await ask(AT_B, B)]).toEqual([401, 401])
  expect([await ask(AT_A, B), await ask(AT_B, A), await ask(AT_A, 'https://evil.example')]).toEqual([
    403, 403, 403,
  ])
  const sibling = await user.fetch('POST', '/bff/refresh', {
    ...AT_A,
    'sec-fetch-site': 'same-site',
    origin: B,
  })
  expect(sibling.status).toBe(403)
})

test('a request for another host is refused: nothing is begun, read or ended there', async () => {
  const { bff, browser, redirectUris, provider, upstream, store } = twoOrigins()
  const user = browser()
  await signIn(user, AT_A)
  redirectUris.length = 0
  const before = provider.calls.length
  for (const [method, path] of [
    ['GET', '/bff/session'],
    ['GET', '/bff/user'],
    ['POST', '/bff/refresh'],
    ['POST', '/bff/logout'],
    ['GET', '/api/orders'],
  ] as const) {
    const reply = await user.fetch(method, path, AT_EVIL)
    expect([path, reply.status, jsonOf(reply).error]).toEqual([path, 421, 'unknown_origin'])
  }
  const login = await user.navigate('/bff/login', AT_EVIL)
  expect(headerOf(login, 'location')).toBe('/?error=unknown_origin')
  expect(setCookies(login)).toEqual([])
  await expect(bff.requireSession(user.view('GET', '/', AT_EVIL))).rejects.toMatchObject({
    code: 'unknown_origin',
  })
  expect([redirectUris, provider.calls.length, upstream.requests]).toEqual([[], before, []])
  expect((await store.sessions.list({ userId: 'alice' })).records[0]?.revocation).toBeNull()
})

test('headers of a client change nothing: neither X-Forwarded-Host, nor Forwarded, nor Origin', async () => {
  const { browser, redirectUris } = twoOrigins()
  const lies = {
    'x-forwarded-host': 'evil.example',
    'x-original-host': 'evil.example',
    'x-host': 'evil.example',
    forwarded: 'host=evil.example;proto=http',
    'x-forwarded-proto': 'http',
    referer: 'https://evil.example/',
  }
  await start(browser(), { ...AT_A, ...lies })
  expect(redirectUris).toEqual([`${A}/bff/callback`])
})

test('a health probe comes to an address of its own', async () => {
  const { bff, browser } = twoOrigins({ plugins: [healthEndpoint()] })
  expect(
    (await browser().send({ ...browser().view('GET', '/bff/health', host('10.0.0.7:3000')) })).status,
  ).toBe(200)
  expect(await bff.getSession(browser().view('GET', '/', AT_EVIL))).toBeNull()
})

test('an API learns the origin that the browser asked [PRX-20]', async () => {
  const { browser, upstream } = twoOrigins()
  for (const at of [AT_A, AT_B]) {
    const user = browser()
    await signIn(user, at)
    await user.fetch('GET', '/api/orders', at)
  }
  const hosts = upstream.requests.map(
    ({ headers }) => headers.find(([name]) => name === 'x-forwarded-host')?.[1],
  )
  expect(hosts).toEqual(['a.example.com', 'b.example.com'])
})

test('a silent sign-in tells the page of its own origin alone', async () => {
  const { browser } = twoOrigins({ plugins: [silentLogin()] })
  const user = browser()
  const reply = await user.send(
    user.view('GET', '/bff/silent-login', {
      ...AT_B,
      'sec-fetch-dest': 'iframe',
      'sec-fetch-mode': 'navigate',
    }),
  )
  expect(headerOf(reply, 'content-security-policy')).toContain(`frame-ancestors ${B}`)
})

test('Web requests without a Host header are for the host of their address', async () => {
  const { bff, redirectUris } = twoOrigins()
  for (const origin of [A, B])
    await bff.fetch(new Request(`${origin}/bff/login`, { headers: { 'sec-fetch-dest': 'document' } }))
  const other = await bff.fetch(
    new Request('https://evil.example/bff/session', {
      headers: { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
    }),
  )
  expect([redirectUris, other.status]).toEqual([[`${A}/bff/callback`, `${B}/bff/callback`], 421])
})

test('one origin asks for no host at all', async () => {
  const { browser } = world()
  const user = browser()
  const asked: string[] = []
  const view = user.view('GET', '/bff/session')
  const header = (name: string) => {
    asked.push(name)
    return view.header(name)
  }
  const watched: RequestView = { ...view, header }
  await user.send(watched)
  expect(asked.filter((name) => /host|authority|forwarded/.test(name))).toEqual([])
})

test('origins are given by origins(), not as a bare list', () => {
  expect(() => world({ origin: [A, B] as never })).toThrow(/origins\(\) of @bff\/core\/origins/)
})

test.each(['http://localhost:3000', 'http://shop.localhost:3000', 'http://127.0.0.1:3000'])(
  '%s is an origin in development',
  (origin) => {
    expect(world({ origin }).bff.options).toMatchObject({ origin, cookieName: 'bff' })
  },
)

test.each([
  'http://localhost.evil.example',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.2',
  'http://.localhost',
])('%s is none', (origin) => {
  expect(() => world({ origin })).toThrow(/origin must/)
})
