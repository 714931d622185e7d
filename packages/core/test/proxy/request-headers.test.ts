import { describe, expect, it } from 'vitest'
import type { ProxyRoute } from '../../src/proxy/index.ts'
import { fakeSession, setUp, type ViewOptions } from './support.ts'

type Pairs = NonNullable<ViewOptions['headers']>

async function sent(headers: Pairs, route: Partial<ProxyRoute> = {}, options: ViewOptions = {}) {
  const { upstream, call } = setUp({ token: 'none', ...route })
  await call('/api/x', { ...options, headers }, null)
  const names = upstream.only.headers.map(([name]) => name)
  expect(new Set(names).size).toBe(names.length)
  return Object.fromEntries(upstream.only.headers)
}

const OURS = {
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-proto': 'https',
}
const FORWARDED = 'for=192.0.2.7;host="app.example.com";proto=https'

describe('request headers go by an allow-list [PRX-09]', () => {
  it('passes on what an API needs', async () => {
    const wanted: Pairs = [
      ['accept', 'application/json'],
      ['accept-language', 'de'],
      ['if-none-match', '"a"'],
      ['if-modified-since', 'Sat, 01 Jan 2000 00:00:00 GMT'],
      ['range', 'bytes=0-1'],
      ['cache-control', 'no-cache'],
      ['user-agent', 'Test/1'],
      ['x-request-id', 'r-1'],
      ['idempotency-key', 'k-1'],
      ['last-event-id', '7'],
    ]
    expect(await sent(wanted)).toEqual({ ...Object.fromEntries(wanted), ...OURS, forwarded: FORWARDED })
  })

  it('leaves everything else behind [BFF-14, PRX-05, PRX-07, PRX-08, LOG-07]', async () => {
    const names = [
      'cookie',
      'cookie2',
      'authorization',
      'dpop',
      'proxy-authorization',
      'proxy-connection',
      'x-csrf',
      'origin',
      'referer',
      'connection',
      'keep-alive',
      'te',
      'trailer',
      'upgrade',
      'http2-settings',
      'expect',
      'host',
      'x-real-ip',
      'x-forwarded-port',
      'x-forwarded-prefix',
      'x-forwarded-uri',
      'x-original-url',
      'x-rewrite-url',
      'x-forwarded-user',
      'x-forwarded-email',
      'x-remote-user',
      'x-auth-request-user',
      'true-client-ip',
      'cf-connecting-ip',
      'x-http-method-override',
      'traceparent',
      'tracestate',
      'baggage',
      'sec-fetch-site',
      'x_forwarded_for',
      'content_type',
      'x_request_id',
      'via',
      'constructor',
      '__proto__',
    ]
    expect(await sent(names.map((name) => [name, 'evil']))).toEqual({ ...OURS, forwarded: FORWARDED })
  })

  it('forwardHeaders adds, removeHeaders takes away, in any case', async () => {
    const headers = await sent(
      [
        ['x-tenant', 'a'],
        ['traceparent', '00-1'],
        ['user-agent', 'Test/1'],
        ['x_tenant', 'evil'],
      ],
      {
        forwardHeaders: ['X-Tenant', 'traceparent'],
        removeHeaders: ['User-Agent', 'Forwarded', 'x-forwarded-for'],
      },
    )
    expect(headers).toEqual({
      'x-tenant': 'a',
      traceparent: '00-1',
      'x-forwarded-host': 'app.example.com',
      'x-forwarded-proto': 'https',
    })
  })

  it('CVE-2025-64484 an underscore look-alike never arrives beside the real header', async () => {
    const headers = await sent(
      [
        ['x_tenant', 'evil'],
        ['x-tenant_', 'evil'],
      ],
      {
        forwardHeaders: ['x-tenant'],
        onRequest: (out) => void out.set('x-tenant', 'real'),
      },
    )
    expect(headers['x-tenant']).toBe('real')
    expect(Object.values(headers)).not.toContain('evil')
  })

  it('drops what Connection names, whatever its spelling [PRX-07]', async () => {
    const headers = await sent(
      [
        ['connection', 'close, X-Tenant , Accept,authorization'],
        ['x-tenant', 'a'],
        ['accept', '*/*'],
        ['range', 'bytes=0-'],
      ],
      { forwardHeaders: ['x-tenant'] },
    )
    expect(headers).toEqual({ range: 'bytes=0-', ...OURS, forwarded: FORWARDED })
  })

  it('Connection cannot name the access token away', async () => {
    const { upstream, call } = setUp()
    await call('/api/x', { headers: [['connection', 'authorization, x-forwarded-for']] })
    expect(new Map(upstream.only.headers).get('authorization')).toBe('Bearer at-1')
    expect(new Map(upstream.only.headers).get('x-forwarded-for')).toBe('192.0.2.7')
  })

  it.each(['a\r\nx: y', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007f', 'a\u2028'])(
    'refuses the value %j [PRX-10]',
    async (value) => {
      await expect(sent([['accept', value]])).rejects.toMatchObject({ code: 'bad_request' })
    },
  )
})

describe('forwarding headers are ours alone [PRX-20]', () => {
  it('replaces what the client claims', async () => {
    const claims: Pairs = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'].map(
      (name) => [name, 'evil'] as const,
    )
    expect(await sent(claims)).toEqual({ ...OURS, forwarded: FORWARDED })
  })

  it.each([
    ['2001:db8::1', '2001:db8::1', '"[2001:db8::1]"'],
    ['::ffff:192.0.2.9', '192.0.2.9', '192.0.2.9'],
    [undefined, undefined, 'unknown'],
    ['1.2.3.4", for=evil', undefined, 'unknown'],
    ['', undefined, 'unknown'],
  ])('the peer %s becomes %s and for=%s', async (remoteAddress, plain, node) => {
    const headers = await sent([], {}, { remoteAddress })
    expect(headers['x-forwarded-for']).toBe(plain)
    expect(headers['forwarded']).toBe(`for=${node};host="app.example.com";proto=https`)
  })
})

describe('onRequest [S1-34]', () => {
  it('sees what would be sent and the session, and wins over the client', async () => {
    const session = fakeSession()
    const { upstream, call } = setUp({
      onRequest: async (headers, given) => {
        expect(given).toBe(session)
        expect(headers.get('authorization')).toBeUndefined()
        headers.set('Accept', 'text/plain')
        headers.delete('user-agent')
        headers.set('X-User', given?.userId ?? '')
      },
    })
    await call(
      '/api/x',
      {
        headers: [
          ['accept', '*/*'],
          ['user-agent', 'Test/1'],
        ],
      },
      session,
    )
    expect(Object.fromEntries(upstream.only.headers)).toEqual({
      accept: 'text/plain',
      'x-user': 'alice',
      authorization: 'Bearer at-1',
      ...OURS,
      forwarded: FORWARDED,
    })
  })

  it('never puts a second authorization or a proof beside ours [DPO-06]', async () => {
    const { upstream, call } = setUp({
      onRequest: (headers) => {
        for (const name of [
          'Authorization',
          'authorization',
          'DPoP',
          'Connection',
          'Host',
          'Transfer-Encoding',
          'content-length',
        ])
          headers.set(name, 'evil')
      },
    })
    await call('/api/x')
    expect(upstream.only.headers.filter(([, value]) => value === 'evil')).toEqual([])
    expect(upstream.only.headers.filter(([name]) => name === 'authorization')).toHaveLength(1)
  })

  it("may set the app's own authorization where no token goes upstream", async () => {
    const onRequest = (headers: Map<string, string>) =>
      void headers.set('authorization', 'Basic c2VydmljZQ==')
    expect((await sent([['authorization', 'evil']], { onRequest }))['authorization']).toBe(
      'Basic c2VydmljZQ==',
    )
  })

  it.each([
    ['x y', 'a'],
    ['x\r\n', 'a'],
    ['', 'a'],
    ['x', 'a\r\nb'],
    ['x', '\u20ac'],
  ])('refuses the header %j: %j without repeating its value', async (name, value) => {
    const { upstream, call } = setUp({ onRequest: (headers) => void headers.set(name, value) })
    await expect(call('/api/x')).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(upstream.sent).toEqual([])
  })

  it('a throw sends nothing and reaches the caller', async () => {
    const { upstream, call } = setUp({
      onRequest: () => {
        throw new Error('no')
      },
    })
    await expect(call('/api/x')).rejects.toThrow('no')
    expect(upstream.sent).toEqual([])
  })
})
