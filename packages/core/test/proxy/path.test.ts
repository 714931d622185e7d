import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOriginForm } from '../../src/internal/http/origin-form.ts'
import { fetchUpstream, type ProxyRoute } from '../../src/proxy/index.ts'
import { seemsBelow } from '../../src/proxy/request.ts'
import { API, fakeSession, routeOf, setUp, startApi, view } from './support.ts'

const urlOf = async (target: string, route: Partial<ProxyRoute> = {}) => {
  const { upstream, call } = setUp(route)
  await call(target)
  return upstream.only.url
}

/** Thousands of requests, on a machine that may be busy with other things. */
const BUSY_MACHINE_MS = 180_000

/** Targets below /api that no configured option could make safe. */
const HOSTILE = [
  '/api/../admin',
  '/api/..',
  '/api/.',
  '/api/./x',
  '/api/x/..',
  '/api/x/../../admin',
  '/api/%2e%2e/admin',
  '/api/%2E%2E/admin',
  '/api/.%2e/admin',
  '/api/%2e./admin',
  '/api/%2e',
  '/api/x/%2e%2e',
  '/api/..%2fadmin',
  '/api/%2e%2e%2fadmin',
  '/api/x%2fy',
  '/api/x%2Fy',
  '/api%2fx',
  '/api%2Fx',
  '/api%2f..%2fadmin',
  '/api/..%5cadmin',
  '/api/x%5cy',
  '/api/x%5Cy',
  '/api%5cx',
  '/api\\x',
  '/api\\..\\admin',
  '/api/x\\y',
  '/api/\\evil.com',
  '/api/..\\admin',
  '/api//evil.com',
  '/api//',
  '/api///evil.com',
  '/api/x//y',
  '/api/%00',
  '/api/x%00.json',
  '/api%00/x',
  '/api/%0d%0aset-cookie:x',
  '/api/%0a',
  '/api/%09',
  '/api/%1f',
  '/api/%7f',
  '/api/%c2%85',
  '/api/%252e%252e/admin',
  '/api/%252E%252e/admin',
  '/api/x%252fy',
  '/api/x%252Fy',
  '/api/x%255cy',
  '/api/x%2500',
  '/api/%25252e%25252e/admin',
  '/api/%c0%ae%c0%ae/admin',
  '/api/%c0%af',
  '/api/%e0%80%af',
  '/api/%ff',
  '/api/%ed%a0%80',
  '/api/%',
  '/api/%2',
  '/api/%zz',
  '/api/%u002e',
  '/api/..;/admin',
  '/api/..;a=b/admin',
  '/api/.;/admin',
  '/api/%2e%2e;/admin',
  '/api/..%3b/admin',
  '/api;/admin',
  '/api;a=b/../admin',
  '/api%3b/admin',
  '/api/..%20/admin',
  '/api/..%09/admin',
  '/api/x#fragment',
  '/api/x y',
  '/api/\tx',
  '/api/x\r\nhost: evil',
  '/api/\u0000',
  '/api/caf\u00e9',
  '/api/\uff0e\uff0e/admin',
  '/api/<x>',
  '/api/"x"',
  '/api/{x}',
  '/api/`x`',
  '/api/x^y',
  '/api/x?q=a b',
  '/api/x?q="',
  '/api/x?q=<',
  '/api/x?q=\u00e9',
  '/api/x?q=\r\nx',
  '/api/x?a#b',
] as const

describe('hostile paths are refused before anything is sent [PRX-03]', () => {
  it.each(HOSTILE)('%j', async (target) => {
    for (const route of [
      {},
      { allowPathParameters: true },
      { stripPrefix: false },
      { token: 'none' as const },
    ]) {
      const { upstream, events, call } = setUp(route)
      await expect(call(target)).rejects.toMatchObject({ code: 'invalid_path', status: 400 })
      expect(upstream.sent).toEqual([])
      expect(events).toMatchObject([{ type: 'proxy.denied', code: 'invalid_path' }])
    }
  })

  it('keeps its events to one line without control characters [LOG-03]', async () => {
    const { events, call } = setUp()
    await expect(call(`/api/\r\n\u001b[2J\u202e${'x'.repeat(5000)}`)).rejects.toMatchObject({
      code: 'invalid_path',
    })
    const path = events.map((event) => ('path' in event ? event.path : '')).join()
    expect(path).toMatch(/^\/api\/\\u000d\\u000a\\u001b\[2J\\u202ex+$/)
    expect(path.length).toBeLessThan(1100)
  })

  it('refuses path parameters unless the route allows them', async () => {
    await expect(urlOf('/api/orders;page=2')).rejects.toMatchObject({ code: 'invalid_path' })
    expect(await urlOf('/api/orders;page=2', { allowPathParameters: true })).toBe(`${API}/orders;page=2`)
  })
})

describe('only origin-form targets [PRX-02]', () => {
  const FOREIGN = [
    'http://evil.com/api/x',
    'https://orders.internal/api/x',
    'evil.com:443',
    '*',
    '',
    'api/x',
    '//evil.com/api/x',
    '///evil.com',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    ' /api/x',
    '/api/x#y',
    '/caf\u00e9',
  ]

  it.each(FOREIGN)('%j is refused', async (target) => {
    expect(isOriginForm(target)).toBe(false)
    const { proxy, upstream } = setUp()
    await expect(proxy.forward(routeOf(proxy, '/api'), view(target), fakeSession())).rejects.toMatchObject({
      code: 'invalid_path',
    })
    expect(upstream.sent).toEqual([])
  })

  it.each(['/', '/x', '/api/x?y=//z', '/a//b', '/%2e%2e', '/?'])('%j is origin-form', (target) => {
    expect(isOriginForm(target)).toBe(true)
  })
})

describe('the URL sent is the configured origin, the base path, the raw path and the raw query [PRX-01]', () => {
  it.each([
    ['/api', {}, `${API}/`],
    ['/api/', {}, `${API}/`],
    ['/api?a=b', {}, `${API}/?a=b`],
    ['/api/orders', {}, `${API}/orders`],
    ['/api/orders/', {}, `${API}/orders/`],
    ['/api/orders?', {}, `${API}/orders`],
    ['/api/caf%C3%A9/%e2%82%ac', {}, `${API}/caf%C3%A9/%e2%82%ac`],
    ['/api/a%20b%25c%3Fd%23e', {}, `${API}/a%20b%25c%3Fd%23e`],
    ['/api/%61%7e', {}, `${API}/%61%7e`],
    ["/api/!$&'()*+,=:@|[]~-._", {}, `${API}/!$&'()*+,=:@|[]~-._`],
    ['/api/...', {}, `${API}/...`],
    ['/api/.well-known', {}, `${API}/.well-known`],
    ['/api/a..b', {}, `${API}/a..b`],
    ['/api/http://evil.com'.replace('//', '/'), {}, `${API}/http:/evil.com`],
    ['/api/@evil.com', {}, `${API}/@evil.com`],
    ['/api/x?to=//evil&p=../..&b=%2e%2e%00\\', {}, `${API}/x?to=//evil&p=../..&b=%2e%2e%00\\`],
    ['/api/x?f[a]={b}|^`%zz?', {}, `${API}/x?f[a]={b}|^\`%zz?`],
    ["/api/x?name='a'", {}, `${API}/x?name=%27a%27`],
    ['/api', { target: `${API}/v1` }, `${API}/v1`],
    ['/api/', { target: `${API}/v1` }, `${API}/v1/`],
    ['/api/orders', { target: `${API}/v1` }, `${API}/v1/orders`],
    ['/api/orders', { target: `${API}/v1/` }, `${API}/v1/orders`],
    ['/api/orders', { stripPrefix: false }, `${API}/api/orders`],
    ['/api/orders', { stripPrefix: false, target: `${API}/v1` }, `${API}/v1/api/orders`],
    ['/api/orders', { target: 'HTTPS://ORDERS.Internal:443' }, `${API}/orders`],
  ] satisfies Array<[string, Partial<ProxyRoute>, string]>)('%j with %j', async (target, route, url) => {
    expect(await urlOf(target, route)).toBe(url)
  })

  it(
    'never leaves the configured origin and base path, whatever the target (property)',
    async () => {
      const hostile = fc.constantFrom(
        '/',
        '//',
        '\\',
        '.',
        '..',
        '%2e',
        '%2f',
        '%5c',
        '%25',
        '2e',
        '2f',
        '%00',
        ';',
        '@',
        ':',
        '?',
        '#',
        '%',
        ' ',
        'evil.com',
        'http://',
        'admin',
        'v1',
        '%c0%ae',
        '\t',
        '\n',
        '&',
        "'",
        '"',
        '|',
        '^',
        '{',
        '[',
        'é',
        '．',
      )
      const targets = fc
        .array(
          fc.oneof(
            { weight: 4, arbitrary: hostile },
            { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
          ),
          {
            maxLength: 8,
          },
        )
        .map((parts) => `/api${parts.join('')}`)
      let forwarded = 0
      await fc.assert(
        fc.asyncProperty(
          targets,
          fc.boolean(),
          fc.boolean(),
          async (target, stripPrefix, allowPathParameters) => {
            const { proxy, upstream } = setUp({ target: `${API}/v1`, stripPrefix, allowPathParameters })
            const matched = proxy.match(target.split('?', 1)[0] ?? '')
            if (matched === null) return
            try {
              await proxy.forward(matched, view(target), fakeSession())
            } catch (error) {
              expect(error).toMatchObject({ code: 'invalid_path' })
              return
            }
            forwarded++
            const { url } = upstream.only
            const parsed = new URL(url)
            expect(parsed.href).toBe(url)
            expect(parsed.origin).toBe(API)
            const base = stripPrefix ? '/v1' : '/v1/api'
            for (
              let path = parsed.pathname, decoded = '';
              path !== decoded;
              decoded = path, path = lenientDecode(path)
            ) {
              const seen = new URL(API + path.replaceAll('\\', '/')).pathname
              expect(seen === base || seen.startsWith(`${base}/`), `${url} as ${path}`).toBe(true)
            }
          },
        ),
        { numRuns: 2000 },
      )
      expect(forwarded).toBeGreaterThan(100)
    },
    BUSY_MACHINE_MS,
  )

  it(
    'arrives at a real server byte for byte (property)',
    async () => {
      const { origin, requests } = await startApi((_, res) => res.end())
      const { call } = setUp({ target: `${origin}/v1` }, undefined, { upstream: fetchUpstream() })
      const segment = fc.stringMatching(/^(?:[\w~!$&()*+,=:@|[\]-]|%[2-7][0-9A-F])+$/, { maxLength: 12 })
      const query = fc.stringMatching(/^[\w./\\%:;&=[\]{}|^?-]*$/, { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(fc.array(segment, { maxLength: 4 }), query, async (segments, search) => {
          const rest = segments.map((one) => `/${one}`).join('')
          try {
            await call(`/api${rest}?${search}`)
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid_path' })
            return
          }
          expect(requests.at(-1)?.url).toBe(`/v1${rest}${search && '?'}${search}`)
        }),
        { numRuns: 150 },
      )
      expect(requests.length).toBeGreaterThan(50)
    },
    BUSY_MACHINE_MS,
  )
})

/** Decodes what it can, as a careless server would. */
function lenientDecode(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

describe('routes [BFF-12]', () => {
  const { proxy } = setUp({}, undefined, {
    routes: [
      { path: '/api', target: API },
      { path: '/api/public', target: API, token: 'none', methods: ['GET'] },
      { path: '/files', target: 'https://files.internal' },
    ],
  })

  it.each([
    ['/api', '/api'],
    ['/api/', '/api'],
    ['/api/orders', '/api'],
    ['/api/publicity', '/api'],
    ['/api/public', '/api/public'],
    ['/api/public/x', '/api/public'],
    ['/files/x', '/files'],
    ['/apix', null],
    ['/api-docs', null],
    ['/API', null],
    ['/', null],
    ['/app/../api/x', null],
    ['/%61pi/x', null],
  ])('%s belongs to %s: the longest prefix of whole segments', (path, route) => {
    expect(proxy.match(path)?.path ?? null).toBe(route)
  })

  it.each(['/api/public/../orders', '/api/public\\x', '/api/public%2fx', '/api/public;x'])(
    'the dangerous %s is refused, not handed to the app',
    async (path) => {
      const route = proxy.match(path)
      expect(route?.path).toBe('/api/public')
      if (route)
        await expect(proxy.forward(route, view(path), null)).rejects.toMatchObject({ code: 'invalid_path' })
    },
  )

  it('an encoded path reaches no route that its decoded form does not', async () => {
    const route = proxy.match('/api/%70ublic/x')
    expect(route?.path).toBe('/api')
    if (route)
      await expect(proxy.forward(route, view('/api/%70ublic/x'), fakeSession())).rejects.toMatchObject({
        code: 'invalid_path',
      })
  })

  it('forwards only for the route the path belongs to [PRX-05]', async () => {
    await expect(
      proxy.forward(routeOf(proxy, '/files'), view('/api/x'), fakeSession()),
    ).rejects.toMatchObject({ code: 'invalid_path' })
  })

  it('the raw path must be the route’s own as well as the decoded one', async () => {
    const { proxy: deep, upstream } = setUp({ path: '/a/b' })
    await expect(deep.forward(routeOf(deep, '/a/b'), view('/%61/b'), fakeSession())).rejects.toMatchObject({
      code: 'invalid_path',
    })
    expect(upstream.sent).toEqual([])
  })

  it('tells a prefix from a mere beginning', () => {
    expect(seemsBelow('/apix', '/api')).toBe(false)
    expect(seemsBelow('/api%20x', '/api')).toBe(false)
  })

  it('answers 405 with the methods there are, and sends nothing [BFF-13]', async () => {
    const { upstream, events, call } = setUp({ methods: ['GET', 'HEAD'] })
    for (const method of ['POST', 'get', 'TRACE', 'CONNECT', 'PROPFIND']) {
      const reply = await call('/api/x', { method })
      expect(reply.status).toBe(405)
      expect(reply.headers).toContainEqual(['allow', 'GET, HEAD'])
      expect(reply.body).toContain('method_not_allowed')
    }
    expect(upstream.sent).toEqual([])
    expect(events).toHaveLength(5)
  })
})

describe('rewritePath [PRX-04]', () => {
  it('sees the raw path after the prefix was cut', async () => {
    const seen: string[] = []
    const rewritePath = (path: string) => {
      seen.push(path)
      return `/v2${path}`
    }
    expect(await urlOf('/api/a%20b?x', { rewritePath })).toBe(`${API}/v2/a%20b?x`)
    expect(await urlOf('/api', { rewritePath })).toBe(`${API}/v2/`)
    expect(seen).toEqual(['/a%20b', '/'])
  })

  it.each([
    ['a decoded parameter that cuts the suffix', () => '/tenants/x?y/orders'],
    ['a fragment', () => '/tenants/x#/orders'],
    ['dot segments', () => '/tenants/../admin'],
    ['another host', () => '//evil.com'],
    ['an absolute URL', () => 'https://evil.com/'],
    ['no slash', () => '.evil.com/'],
    ['userinfo', () => '@evil.com/'],
    ['a port', () => ':8080/'],
    ['decoded characters', (path: string) => decodeURIComponent(path)],
  ])('refuses %s in its result', async (_, rewritePath) => {
    const { upstream, call } = setUp({ rewritePath })
    await expect(call('/api/caf%C3%A9')).rejects.toMatchObject({ code: 'invalid_path' })
    expect(upstream.sent).toEqual([])
  })
})
