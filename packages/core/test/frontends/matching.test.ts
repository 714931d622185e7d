import { describe, expect, test } from 'vitest'
import { origins } from '../../src/origins/index.ts'
import { several, signIn, view, whoIs } from './world.ts'

const SHOP = 'https://shop.example.com'
const HOST = 'shop.example.com'

/** A shop with two parts below paths, another host, and a user of each with every cookie. */
async function market(options = {}) {
  const { all, config, ...rest } = several(options)
  all.add('main', config(SHOP))
  all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
  all.add('desk', config(SHOP, { basePath: '/admin/desk/bff' }))
  all.add('other', config('https://other.example.com:8443'))
  const cookies = await Promise.all(all.names.map((name) => signIn(all.get(name), name)))
  return { all, config, ...rest, cookie: cookies.join('; ') }
}

describe('the host chooses among origins, and the longest path among the frontends of one', () => {
  test.each([
    [HOST, '/', 'main'],
    [HOST, '/orders?x=/admin', 'main'],
    [HOST, '/admin', 'admin'],
    [HOST, '/admin?x=1', 'admin'],
    [HOST, '/admin/', 'admin'],
    [HOST, '/admin/users', 'admin'],
    [HOST, '/administration', 'main'],
    [HOST, '/admin/desk/7', 'desk'],
    [HOST, '/admin/desks', 'admin'],
    ['SHOP.Example.com:443', '/admin', 'admin'],
    ['other.example.com:8443', '/admin/desk', 'other'],
    ['other.example.com', '/', 'unknown_origin'],
    ['shop.example.com.evil.example', '/', 'unknown_origin'],
    ['shop.example.com, other.example.com:8443', '/', 'unknown_origin'],
    ['', '/', 'unknown_origin'],
  ])('%s%s is for %s', async (host, target, expected) => {
    const { all, cookie } = await market()
    expect(await whoIs(all, view(host, target, { cookie }))).toBe(expected)
  })
})

describe('a path that could be read as one of another frontend is refused by all parts', () => {
  test.each([
    '/Admin/users',
    '/ADMIN',
    '/%61dmin/users',
    '/%2561dmin/users',
    '/admin%2Fdesk/7',
    '/admin/%64esk',
    '/orders/../admin/users',
    '/orders/%2e%2e/admin',
    '/admin/../orders',
    '/admin/..%2forders',
    '/admin/./users',
    '//admin/users',
    '/\\admin',
    '/admin//desk',
    '/admin\\desk\\7',
    '/x\\..\\admin',
    'http://shop.example.com/admin/users',
    'https://shop.example.com/admin/bff/session',
    '/admin#/desk',
    '/adm\u0131n',
  ])('%s', async (target) => {
    const { all, cookie } = await market()
    const asked = view(HOST, target, { cookie })
    expect(await whoIs(all, asked)).toBe('invalid_path')
    await expect(all.getSession(asked)).rejects.toMatchObject({ code: 'invalid_path' })
    expect(await all.handle(asked)).toMatchObject({ status: 400 })
    expect(all.bffFor(asked)).toBeNull()
  })

  test.each([
    ['/admin/%C3%BCbersicht', 'admin'],
    ['/admin/Users/Alice%20B', 'admin'],
    ['/orders/a%2Fb', 'main'],
    ['/Orders//7', 'main'],
    ['/.well-known/security.txt', 'main'],
    ['/orders/...', 'main'],
    ['/100%', 'main'],
  ])('but %s is no other one’s than that of %s', async (target, expected) => {
    const { all, cookie } = await market()
    expect(await whoIs(all, view(HOST, target, { cookie }))).toBe(expected)
  })
})

test('the only frontend of a host reads paths as a BFF does', async () => {
  const { all, config } = several()
  const cookie = await signIn(all.add('main', config(SHOP)), 'alice')
  for (const target of ['/Admin/../%2e%2e//x', '//x', '', 'http://shop.example.com/'])
    expect(await whoIs(all, view(HOST, target, { cookie }))).toBe('alice')
})

test('X-Forwarded-Host counts from trusted proxies alone', async () => {
  const forwarded = { 'x-forwarded-host': 'other.example.com:8443' }
  const plain = await market()
  expect(await whoIs(plain.all, view(HOST, '/', { cookie: plain.cookie, ...forwarded }))).toBe('main')
  const { all, cookie } = await market({ trustedProxies: ['192.0.2.0/24'] })
  const asked = view('internal', '/', { cookie, ...forwarded })
  expect(await whoIs(all, asked)).toBe('other')
  expect(await whoIs(all, { ...asked, remoteAddress: '198.51.100.1' })).toBe('unknown_origin')
})

test('a BFF with listed origins has the host of each, and one with loaded origins every other host', async () => {
  const { all, config } = several()
  all.add('listed', config(origins(['https://a.example.com', 'https://b.example.com'])))
  all.add(
    'tenants',
    config(
      origins({
        main: 'https://app.example.com',
        load: (host) => (host.startsWith('t') ? `https://${host}` : null),
      }),
    ),
  )
  const cookie = `${await signIn(all.get('listed'), 'listed')}; ${await signIn(all.get('tenants'), 'tenant')}`
  const at = (host: string) => whoIs(all, view(host, '/', { cookie }))
  expect(await Promise.all([at('a.example.com'), at('b.example.com')])).toEqual(['listed', 'listed'])
  expect(await Promise.all([at('t1.example.com'), at('app.example.com')])).toEqual(['tenant', 'tenant'])
  expect(await at('evil.example')).toBe('unknown_origin')
})

describe('without a frontend', () => {
  test('the paths are the app’s, nobody is signed in, and a guard says why', async () => {
    const { all, config } = several()
    all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
    for (const [host, target, code] of [
      [HOST, '/orders', 'not_found'],
      ['evil.example', '/admin/bff/session', 'unknown_origin'],
    ] as const) {
      const asked = view(host, target)
      expect(all.handle(asked)).toBeUndefined()
      expect(await all.getSession(asked)).toBeNull()
      expect(all.bffFor(asked)).toBeNull()
      await expect(all.requireSession(asked)).rejects.toMatchObject({ code })
    }
    expect((await all.fetch(new Request(`${SHOP}/orders`))).status).toBe(404)
  })

  test('a CSRF check that nobody can make has not passed', async () => {
    const { all } = several()
    await expect(all.getSession(view(HOST, '/contact'), { csrf: 'form' })).rejects.toMatchObject({
      code: 'unknown_origin',
    })
  })
})

describe('only(name)', () => {
  test('takes sessions of that frontend at every path of its host, and its requests alone', async () => {
    const { all, cookie } = await market()
    const admin = all.only('admin')
    for (const target of ['/admin/users', '/Admin/users', '/_server/7', ''])
      expect(await whoIs(admin, view(HOST, target, { cookie }))).toBe('admin')
    expect(await whoIs(admin, view('other.example.com:8443', '/admin', { cookie }))).toBe('unknown_origin')
    const mainAlone = cookie.split('; ')[0] ?? ''
    expect(await whoIs(admin, view(HOST, '/admin/users', { cookie: mainAlone }))).toBe('no_session')
    expect(admin.handle(view(HOST, '/bff/session', { cookie }))).toBeUndefined()
    expect(admin.handle(view(HOST, '/admin/desk/bff/session', { cookie }))).toBeUndefined()
    expect(await admin.handle(view(HOST, '/admin/bff/session', { cookie }))).toMatchObject({ status: 200 })
  })

  test('refuses while there is no such frontend, where a shorter path would answer', async () => {
    const { all, config, cookie } = await market()
    const admin = all.only('admin')
    await all.remove('admin')
    const asked = () => view(HOST, '/admin/users', { cookie })
    expect([await whoIs(all, asked()), await whoIs(admin, asked())]).toEqual(['main', 'not_found'])
    expect(await admin.getSession(asked())).toBeNull()
    all.add('admin', config(SHOP, { basePath: '/admin/bff' }))
    expect(await whoIs(admin, asked())).toBe('admin')
  })
})

test('a path that the framework does not say is enough where a host has one frontend', async () => {
  const { all, cookie } = await market()
  expect(await whoIs(all, view('other.example.com:8443', '', { cookie }))).toBe('other')
  expect(await whoIs(all, view(HOST, '', { cookie }))).toBe('invalid_argument')
  await expect(all.getSession(view(HOST, '', { cookie }))).rejects.toThrow(/frontends\.only\(name\)/)
})
