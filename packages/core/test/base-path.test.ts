import { expect, test } from 'vitest'
import { backchannelLogout, healthEndpoint, sessionEndpoints, silentLogin } from '../src/endpoints/index.ts'
import { createBff, type PluginFactory } from '../src/index.ts'
import { openapi } from '../src/openapi/index.ts'
import { rateLimit } from '../src/rate-limit/index.ts'
import { Browser, headerOf, jsonOf, ORIGIN, request, setCookies, world } from './world.ts'

const atRoot = (plugins: readonly PluginFactory[] = []) => world({ basePath: '/', plugins })

/** The state that the provider sends back with its code. */
const stateOf = (location = '') => new URL(location).searchParams.get('state')

test('a BFF at the root has its endpoints there, and its callback is an address of one slash', async () => {
  const { bff, browser, provider } = atRoot()
  let redirectUri = ''
  const { authorize } = provider
  provider.authorize = async (asked) => {
    redirectUri = (asked as unknown as { redirectUri: string }).redirectUri
    return authorize.call(provider, asked)
  }
  const user = browser()
  const begun = await user.navigate('/login?returnTo=/orders')
  expect(redirectUri).toBe(`${ORIGIN}/callback`)
  const done = await user.navigate(`/callback?code=c&state=${stateOf(headerOf(begun, 'location'))}`)
  expect([done.status, headerOf(done, 'location')]).toEqual([303, '/orders'])
  expect(jsonOf(await user.fetch('GET', '/session'))).toMatchObject({ authenticated: true })
  const claims: { type: string; value: string }[] = jsonOf(await user.fetch('GET', '/user'))
  const link = claims.find(({ type }) => type === 'bff:logout_url')?.value ?? ''
  expect(link).toMatch(/^\/logout\?sid=/)
  expect((await user.navigate(link)).status).toBe(303)
  expect(jsonOf(await user.fetch('GET', '/session'))).toEqual({ authenticated: false })
  expect(bff.options.basePath).toBe('')
})

test('a form response of the provider goes on at the callback of the root, not at a host of that name', async () => {
  const { bff } = atRoot()
  const body = async function* () {
    yield new TextEncoder().encode('code=c&state=s')
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const reply = await bff.handle({ ...request('POST', '/callback', form), body })
  expect(headerOf(reply ?? { status: 0, headers: [], body: null }, 'location')).toBe(
    '/callback?code=c&state=s',
  )
})

test('the cookies of a BFF at the root are those of any other: host-only, for every path [CKS-01]', async () => {
  const [root, other] = [atRoot(), world()]
  const attributes = (replies: readonly string[]) => replies.map((one) => one.replace(/[^;]*;/, ''))
  const user = root.browser()
  const begun = await user.navigate('/login')
  const done = await user.navigate(`/callback?code=c&state=${stateOf(headerOf(begun, 'location'))}`)
  expect(attributes(setCookies(done))).toEqual(attributes(setCookies(await other.browser().signIn())))
})

test('every endpoint at the root needs the header, and no path of the app does [CSR-01]', async () => {
  const { bff, browser } = atRoot([sessionEndpoints()])
  const user = browser()
  for (const [method, path] of [
    ['GET', '/session'],
    ['GET', '/user'],
    ['POST', '/refresh'],
    ['POST', '/logout'],
    ['GET', '/sessions'],
    ['DELETE', '/sessions/AAAAAAAAAAAAAAAA'],
  ] as const) {
    const reply = await user.send(request(method, path, { 'sec-fetch-site': 'same-origin' }))
    expect([path, reply.status, jsonOf(reply).error]).toEqual([path, 403, 'csrf_violation'])
  }
  for (const path of ['/', '/sessions2', '/users', '/login/help', '/orders', '/bff/session', '/index.html'])
    expect([path, bff.handle(request('POST', path))]).toEqual([path, undefined])
})

test('the list of paths has each endpoint, and not everything below the root', () => {
  const { bff } = atRoot([
    backchannelLogout(),
    healthEndpoint(),
    openapi({ title: 'Shop', version: '1' }),
    sessionEndpoints(),
    silentLogin(),
  ])
  expect([...bff.paths].sort()).toEqual([
    '/api/*',
    '/backchannel-logout',
    '/callback',
    '/health',
    '/login',
    '/logout',
    '/logout/callback',
    '/openapi.json',
    '/refresh',
    '/session',
    '/sessions',
    '/sessions/*',
    '/silent-login',
    '/user',
  ])
})

test('a limit at the root is each endpoint’s own, and APIs keep theirs', async () => {
  const { bff, browser } = atRoot([
    rateLimit({ requestsPerMinute: 1, burst: 2, apis: { requestsPerMinute: 1, burst: 5 } }),
  ])
  const user = browser()
  const passed = async (path: string) => {
    let count = 0
    for (let i = 0; i < 10; i++) if ((await user.fetch('GET', path)).status !== 429) count++
    return count
  }
  expect([await passed('/session'), await passed('/api/orders')]).toEqual([2, 5])
  expect(bff.handle(request('GET', '/page'))).toBeUndefined()
})

test.each(['', '//', '/bff/', 'bff', '/a b', '/..%2f'])('%j is no base path', (basePath) => {
  const { store } = world()
  expect(() => createBff({ origin: ORIGIN, store, encryptionKeys: ['x'], basePath })).toThrow(
    /basePath .*must be/,
  )
})

test('an app below the root and a BFF at it share one browser', async () => {
  const { bff } = atRoot()
  const { cookie } = await bff.sessions.create({ userId: 'alice' })
  const user = new Browser(bff)
  user.keep(cookie)
  expect((await bff.getSession(user.view('GET', '/orders')))?.userId).toBe('alice')
})
