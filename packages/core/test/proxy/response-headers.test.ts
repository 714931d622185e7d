import { describe, expect, it } from 'vitest'
import type { Reply } from '../../src/index.ts'
import type { ProxyRoute } from '../../src/proxy/index.ts'
import { API, chunksOf, fakeSession, ORIGIN, setUp, textOf, type ViewOptions, valuesOf } from './support.ts'

type Pairs = NonNullable<ViewOptions['headers']>

async function received(
  headers: Pairs,
  route: Partial<ProxyRoute> = {},
  { status = 200, session = false, target = '/api/x', method = 'GET' } = {},
) {
  const { call } = setUp({ token: 'user-or-none', ...route }, () => ({
    status,
    headers,
    body: chunksOf('body'),
  }))
  return call(target, { method }, session ? fakeSession() : null)
}

describe('response headers [PRX-11]', () => {
  it('drops what is about the API or orders the browser about', async () => {
    const dropped = [
      'connection',
      'keep-alive',
      'proxy-authenticate',
      'proxy-connection',
      'te',
      'trailer',
      'transfer-encoding',
      'upgrade',
      'set-cookie',
      'set-cookie2',
      'server',
      'x-powered-by',
      'x-aspnet-version',
      'x-aspnetmvc-version',
      'www-authenticate',
      'dpop-nonce',
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'access-control-expose-headers',
      'clear-site-data',
      'strict-transport-security',
      'alt-svc',
      'service-worker-allowed',
      'refresh',
      'secure-session-registration',
      'secure-session-challenge',
      'sec-session-registration',
      'set-login',
      'idp-signin-status',
      'use-as-dictionary',
      'expect-ct',
      'origin-agent-cluster',
      'public-key-pins',
      'public-key-pins-report-only',
      'sec-secure-session-id',
      'nel',
      'report-to',
      'reporting-endpoints',
      'accept-ch',
      'critical-ch',
      'x-accel-redirect',
      'x-accel-expires',
      'x-sendfile',
      'x-sendfile-temporary',
      'x-lighttpd-send-file',
      'x-litespeed-location',
      'x-reproxy-url',
      'x-internal',
      'x-named',
    ]
    const kept: Pairs = [
      ['content-type', 'application/json'],
      ['content-length', '4'],
      ['content-encoding', 'gzip'],
      ['content-disposition', 'attachment'],
      ['etag', '"a"'],
      ['x-accel-buffering', 'no'],
      ['retry-after', '3'],
      ['cache-control', 'max-age=60'],
    ]
    const reply = await received([...dropped.map((name) => [name, 'x-named'] as const), ...kept], {
      removeResponseHeaders: ['X-Internal'],
    })
    expect(Object.fromEntries(reply.headers)).toEqual({ ...Object.fromEntries(kept), vary: 'Cookie' })
    expect(await textOf(reply.body)).toBe('body')
  })

  it('passes only cookies the route names, each on its own [BFF-15, CKS-06]', async () => {
    const cookies = [
      'theme=dark; Path=/',
      'bff=stolen',
      '__Host-Http-bff=stolen; Path=/; Secure',
      '__host-bff=stolen',
      ' bff =stolen',
      '=bff=stolen',
      'Theme=x',
      'theme2=x',
      'lang=de',
    ]
    const reply = await received(
      cookies.map((value) => ['set-cookie', value] as const),
      { allowSetCookie: ['theme', 'lang'] },
    )
    expect(valuesOf(reply.headers, 'set-cookie')).toEqual(['theme=dark; Path=/', 'lang=de'])
  })

  it.each([
    [[], 'Cookie'],
    [[['vary', 'Accept']], 'Accept, Cookie'],
    [[['vary', 'Accept, cookie']], 'Accept, cookie'],
    [
      [
        ['vary', 'Accept'],
        ['vary', 'Origin'],
      ],
      'Accept, Origin, Cookie',
    ],
    [[['vary', '*']], '*'],
    [[['vary', 'X-Cookie-Consent']], 'X-Cookie-Consent, Cookie'],
  ] satisfies Array<[Pairs, string]>)('Vary %j becomes %s [CKS-13]', async (headers, vary) => {
    expect(valuesOf((await received(headers)).headers, 'vary')).toEqual([vary])
  })

  const CACHING: Pairs = [
    ['cache-control', 'public, max-age=3600'],
    ['cdn-cache-control', 'max-age=3600'],
    ['cloudflare-cdn-cache-control', 'max-age=3600'],
    ['surrogate-control', 'max-age=3600'],
    ['edge-control', 'cache-maxage=1h'],
    ['expires', 'Sat, 01 Jan 2050 00:00:00 GMT'],
    ['pragma', 'public'],
    ['age', '3'],
  ]

  it('CKS-13, CVE-2025-48947 a reply that used a session is never cached, by no cache', async () => {
    const reply = await received(CACHING, {}, { session: true })
    expect(Object.fromEntries(reply.headers)).toEqual({ vary: 'Cookie', 'cache-control': 'no-store' })
  })

  it('an anonymous reply keeps what the API says about caching [CKS-13]', async () => {
    const reply = await received(CACHING)
    expect(Object.fromEntries(reply.headers)).toEqual({ vary: 'Cookie', ...Object.fromEntries(CACHING) })
  })

  it('what a page may embed stays within its origin and its type, whatever else the API says', async () => {
    const embedded = { csrf: 'same-origin' } as const
    const fields = ['cross-origin-resource-policy', 'x-content-type-options']
    const valued = (reply: Reply) => fields.map((name) => valuesOf(reply.headers, name))
    expect(valued(await received([], embedded))).toEqual([['same-origin'], ['nosniff']])
    const own = [['cross-origin-resource-policy', 'cross-origin']] as const
    expect(valued(await received(own, embedded))).toEqual([['cross-origin'], ['nosniff']])
    expect(valued(await received([]))).toEqual([[], []])
  })

  it.each([
    [204, 'GET'],
    [205, 'GET'],
    [304, 'GET'],
    [200, 'HEAD'],
  ])('%i to %s has no body, and what the API sent is cancelled', async (status, method) => {
    const { upstream, call } = setUp({}, () => ({
      status,
      headers: [['content-length', '4']],
      body: chunksOf('body'),
    }))
    const reply = await call('/api/x', { method })
    expect(reply).toMatchObject({ status, body: null })
    expect(valuesOf(reply.headers, 'content-length')).toEqual(status === 204 ? [] : ['4'])
    expect(upstream.only.signal.aborted).toBe(true)
  })

  it.each([0, 101, 199, 600, 999])('the status %i is no answer', async (status) => {
    await expect(received([], {}, { status })).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })
})

describe('Location [PRX-12]', () => {
  const located = async (location: string, route: Partial<ProxyRoute> = {}, target = '/api/x/y') => {
    const reply = await received([['location', location]], route, { status: 302, target })
    expect(reply.status).toBe(302)
    return valuesOf(reply.headers, 'location')[0] ?? null
  }

  it.each([
    ['/orders/5?a=b#c', {}, '/api/orders/5?a=b#c'],
    ['sibling', {}, '/api/x/sibling'],
    ['../up', {}, '/api/up'],
    ['?page=2', {}, '/api/x/y?page=2'],
    [`${API}/orders`, {}, '/api/orders'],
    ['HTTPS://ORDERS.INTERNAL:443/orders', {}, '/api/orders'],
    ['//orders.internal/orders', {}, '/api/orders'],
    [API, {}, '/api/'],
    [`${API}//evil.com/x`, {}, '/api//evil.com/x'],
    [`${API}/v1/orders`, { target: `${API}/v1` }, '/api/orders'],
    [`${API}/v1`, { target: `${API}/v1` }, '/api'],
    [`${API}/v2/orders`, { target: `${API}/v1` }, null],
    [`${API}/v1x`, { target: `${API}/v1` }, null],
    [`${API}/api/orders`, { stripPrefix: false }, '/api/orders'],
    [`${API}/orders`, { stripPrefix: false }, null],
    [`${API}//evil.com`, { stripPrefix: false }, null],
    [`${API}/orders`, { rewritePath: (path: string) => path }, null],
    ['javascript:alert(1)', {}, null],
    ['data:text/html,x', {}, null],
    ['http://', {}, null],
    [`${ORIGIN}/orders`, {}, `${ORIGIN}/orders`],
    ['https://files.example.net/signed?x=y', {}, 'https://files.example.net/signed?x=y'],
    ['http://orders.internal/x', {}, '/api/x'],
    ['http://orders.internal:443/x', {}, '/api/x'],
    ['https://orders.internal/x', { target: 'http://orders.internal' }, '/api/x'],
    ['https://orders.internal:8080/x', { target: 'http://orders.internal:8080' }, '/api/x'],
    ['https://orders.internal:8443/x', {}, 'https://orders.internal:8443/x'],
    ['http://orders.internal/v2', { target: `${API}/v1` }, null],
    ['http://internal/x', {}, 'http://internal/x'],
    ['/caf\xc3\xa9?q=\xc3\xa9#\xc3\xa9', {}, '/api/caf%C3%A9?q=%C3%A9#%C3%A9'],
    ['/caf\xe9', {}, '/api/caf%E9'],
    ['/caf%C3%A9', {}, '/api/caf%C3%A9'],
    ['https://b\xc3\xbccher.example/x', {}, 'https://xn--bcher-kva.example/x'],
  ] satisfies Array<[string, Partial<ProxyRoute>, string | null]>)(
    '%s with %j becomes %s',
    async (location, route, seen) => {
      expect(await located(location, route)).toBe(seen)
    },
  )

  it('finds the public path of another API behind this BFF, and hides one that has none', async () => {
    const files = 'https://files.internal/store'
    const answer = (location: string) => () => ({ status: 302, headers: [['location', location]] as const })
    const routes = [
      { path: '/api', target: API },
      { path: '/files', target: files },
    ]
    const found = await setUp({}, answer(`${files}/7`), { routes }).call('/api/x')
    expect(valuesOf(found.headers, 'location')).toEqual(['/files/7'])
    const hidden = await setUp({}, answer('https://files.internal/admin'), { routes }).call('/api/x')
    expect(valuesOf(hidden.headers, 'location')).toEqual([])
  })

  it('takes an API at exactly the named origin before one that differs in the scheme', async () => {
    const headers = [['location', 'http://orders.internal/7']] as const
    const routes = [
      { path: '/api', target: API },
      { path: '/plain', target: 'http://orders.internal' },
    ]
    const reply = await setUp({}, () => ({ status: 302, headers }), { routes }).call('/api/x')
    expect(valuesOf(reply.headers, 'location')).toEqual(['/plain/7'])
  })

  it('maps Content-Location as well', async () => {
    const reply = await received([['content-location', `${API}/orders/5`]])
    expect(valuesOf(reply.headers, 'content-location')).toEqual(['/api/orders/5'])
  })
})
