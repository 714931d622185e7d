import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { frontends } from '../../src/frontends/index.ts'
import { createBff } from '../../src/index.ts'
import { origins } from '../../src/origins/index.ts'
import { apiProxy } from '../../src/proxy/index.ts'
import { Browser, headerOf } from '../world.ts'
import { several, signIn, view, whoIs } from './world.ts'

const SHOP = 'https://shop.example.com'
const HOST = 'shop.example.com'

const codeOf = (work: () => unknown) => {
  try {
    work()
    return null
  } catch (error) {
    return [Reflect.get(Object(error), 'code'), String(Reflect.get(Object(error), 'message'))]
  }
}

describe('refused at add', () => {
  test.each<[string, (all: ReturnType<typeof several>) => unknown, string, RegExp]>([
    [
      'a name that is taken',
      ({ all, config }) => all.add('main', config('https://x.example.com')),
      'invalid_argument',
      /already/,
    ],
    [
      'a name with other characters',
      ({ all, config }) => all.add('a_b', config('https://x.example.com')),
      'invalid_argument',
      /letters/,
    ],
    [
      'the same origin and path',
      ({ all, config }) => all.add('b', config(SHOP)),
      'invalid_config',
      /same origin and path/,
    ],
    [
      'a path that differs in case',
      ({ all, config }) => all.add('b', config(SHOP, { basePath: '/Admin/bff' })),
      'invalid_config',
      /same origin and path/,
    ],
    [
      'one of the same origins',
      ({ all, config }) => all.add('b', config(origins(['https://x.example.com', SHOP]))),
      'invalid_config',
      /same origin and path/,
    ],
    [
      'an endpoint that is not below the path',
      ({ all, config }) => all.add('b', config(SHOP, { basePath: '/b' }), { path: '/c' }),
      'invalid_config',
      /is below \/c/,
    ],
    [
      'a proxy route that is not below the path',
      ({ all, config }) =>
        all.add(
          'b',
          config(SHOP, {
            basePath: '/b/bff',
            proxy: apiProxy({ routes: [{ path: '/api', target: 'https://api.internal' }] }),
          }),
        ),
      'invalid_config',
      /has the path \/api/,
    ],
    [
      'a path of dots',
      ({ all, config }) => all.add('b', config(SHOP), { path: '/..' }),
      'invalid_config',
      /dots/,
    ],
    [
      'an unknown option',
      ({ all, config }) => all.add('b', config(SHOP), { at: '/b' } as never),
      'invalid_config',
      /Unknown option at/,
    ],
    [
      'the cookie of a neighbour',
      ({ all, config }) =>
        all.add('b', config(SHOP, { basePath: '/b/bff', cookie: { name: '__Host-Http-bff-main' } })),
      'invalid_config',
      /Give one of them another cookie\.name/,
    ],
    [
      'the cookie of a neighbour at another port',
      ({ all, config }) => all.add('b', config(`${SHOP}:8443`, { cookie: { name: '__Host-Http-bff-main' } })),
      'invalid_config',
      /mix up/,
    ],
    [
      'a cookie named as a neighbour’s sign-in',
      ({ all, config }) => all.add('main-login-1', config(SHOP, { basePath: '/b/bff' })),
      'invalid_config',
      /mix up/,
    ],
    [
      'the BFF of another frontend',
      ({ all }) => all.add('b', all.get('main') as never, { path: '/b' }),
      'invalid_argument',
      /another frontend/,
    ],
  ])('%s', (_what, add, code, message) => {
    const all = several()
    all.all.add('main', all.config(SHOP))
    all.all.add('admin', all.config(SHOP, { basePath: '/admin/bff' }))
    expect(codeOf(() => add(all))).toEqual([code, expect.stringMatching(message)])
    expect(all.all.names).toEqual(['main', 'admin'])
  })

  test.each([
    [{ drainMs: -1 }, /drainMs must be a whole number from 0 to 600000/],
    [{ trustedProxies: ['nowhere'] }, /trustedProxies/],
    [{ origins: [] } as never, /Unknown option origins/],
  ])('options that are not valid: %j', (options, message) => {
    expect(codeOf(() => frontends(options))).toEqual(['invalid_config', expect.stringMatching(message)])
  })
})

test('a path that is not the folder of the basePath is given', async () => {
  const { all, config } = several()
  all.add('main', config(SHOP))
  const blue = all.add('blue', config(SHOP, { basePath: '/blue' }), { path: '/blue' })
  expect(await whoIs(all, view(HOST, '/blue/orders', { cookie: await signIn(blue, 'alice') }))).toBe('alice')
})

describe('two frontends share nothing', () => {
  test('each has its own cookie and its own sessions, on one store and with one key', async () => {
    const { all, config } = several()
    const main = all.add('main', config(SHOP))
    const admin = all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
    expect([main, admin].map(({ options }) => options.cookieName)).toEqual([
      '__Host-Http-bff-main',
      '__Host-Http-bff-admin',
    ])
    const [name, value] = (await signIn(main, 'alice')).split('=')
    expect(await whoIs(all, view(HOST, '/', { cookie: `${name}=${value}` }))).toBe('alice')
    // The same value, as an attacker would put it under the other name.
    expect(await whoIs(all, view(HOST, '/admin', { cookie: `__Host-Http-bff-admin=${value}` }))).toBe(
      'invalid_session',
    )
    expect((await admin.sessions.list({ userId: 'alice' })).sessions).toEqual([])
    await admin.sessions.revokeAll({ userId: 'alice' })
    expect(await whoIs(all, view(HOST, '/', { cookie: `${name}=${value}` }))).toBe('alice')
  })

  test('a browser that signs in to both at once has two sessions, and signs out of one', async () => {
    const { all, config } = several()
    all.add('main', config(SHOP))
    all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
    const browser = new Browser(all as never)
    const at = { host: HOST }
    const begun = await browser.navigate('/bff/login', at)
    const begunToo = await browser.navigate('/admin/bff/login', at)
    const stateOf = (reply: typeof begun) =>
      new URL(headerOf(reply, 'location') ?? '').searchParams.get('state')
    await browser.navigate(`/admin/bff/callback?code=c&state=${stateOf(begunToo)}`, at)
    await browser.navigate(`/bff/callback?code=c&state=${stateOf(begun)}`, at)
    expect([...browser.cookies.keys()].sort()).toEqual(['__Host-Http-bff-admin', '__Host-Http-bff-main'])
    expect((await browser.fetch('POST', '/admin/bff/logout', at)).status).toBe(200)
    expect(await whoIs(all, browser.view('GET', '/', at))).toBe('alice')
    expect(await whoIs(all, browser.view('GET', '/admin', at))).toBe('no_session')
  })

  test('the CSRF check of each is for its own origin', async () => {
    const { all, config } = several()
    all.add('main', config(SHOP))
    const other = all.add('other', config('https://other.example.com'))
    const cookie = await signIn(other, 'bob')
    const old = { 'sec-fetch-site': undefined as never, cookie }
    const from = (origin: string) => whoIs(all, view('other.example.com', '/', { ...old, origin }))
    expect([await from('https://other.example.com'), await from(SHOP)]).toEqual(['bob', 'csrf_violation'])
  })
})

test('on http://localhost the cookie has no prefix, and a cookie.name that is set is used', () => {
  const { all, config } = several()
  const local = all.add('local', config('http://localhost:3000'))
  const named = all.add('named', config(SHOP, { cookie: { name: '__Host-named', sameSite: 'lax' } }))
  expect([local.options.cookieName, named.options.cookieName]).toEqual(['bff-local', '__Host-named'])
})

test('a BFF that the app made is served as it is', async () => {
  const { all } = several()
  const bff = createBff({
    origin: SHOP,
    store: memoryStore(),
    encryptionKeys: [randomBytes(32).toString('base64')],
  })
  expect(all.add('main', bff)).toBe(bff)
  expect(await whoIs(all, view(HOST, '/', { cookie: await signIn(bff, 'alice') }))).toBe('alice')
  expect(bff.bffFor(view(HOST, '/'))).toBe(bff)
})
