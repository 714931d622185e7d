import { describe, expect, it } from 'vitest'
import { isBffError } from '../../src/index.ts'
import type { ProxyRoute } from '../../src/proxy/index.ts'
import { resolveRoutes } from '../../src/proxy/routes.ts'
import { API, ORIGIN, setUp } from './support.ts'

const messageOf = (routes: readonly object[], cookies: readonly string[] = ['__Host-Http-bff']) => {
  try {
    resolveRoutes(routes as readonly ProxyRoute[], cookies)
  } catch (error) {
    if (isBffError(error, 'invalid_config')) return error.message
    throw error
  }
  return null
}

const route = (options: object) => [{ path: '/api', target: API, ...options }]

describe('route options are checked when the proxy is made [S1-34]', () => {
  it.each([
    ['path', { path: 'api' }],
    ['path', { path: '/' }],
    ['path', { path: '' }],
    ['path', { path: '/api/' }],
    ['path', { path: '//api' }],
    ['path', { path: '/api/../x' }],
    ['path', { path: '/a%70i' }],
    ['path', { path: '/api?x' }],
    ['path', { path: 7 }],
    ['path', { path: undefined }],
    ['target', { target: undefined }],
    ['target', { target: 'orders.internal' }],
    ['target', { target: '/orders' }],
    ['target', { target: 'ftp://orders.internal' }],
    ['target', { target: 'file:///etc/passwd' }],
    ['target', { target: 'https://user:pass@orders.internal' }],
    ['target', { target: 'https://@orders.internal' }],
    ['target', { target: 'https://orders.internal/?x=y' }],
    ['target', { target: 'https://orders.internal/?' }],
    ['target', { target: 'https://orders.internal/#x' }],
    ['target', { target: 'https://orders.internal/a//b' }],
    ['target', { target: 'https://orders.internal//' }],
    ['target', { target: 'https://orders.internal\\x' }],
    ['target', { target: 'https://' }],
    ['target', { target: ' https://orders.internal' }],
    ['stripPrefix', { stripPrefix: 'yes' }],
    ['rewritePath', { rewritePath: '/x' }],
    ['rewritePath', { rewritePath: null }],
    ['onRequest', { onRequest: {} }],
    ['token', { token: 'optional' }],
    ['token', { token: true }],
    ['methods', { methods: ['get'] }],
    ['methods', { methods: ['CONNECT'] }],
    ['methods', { methods: ['TRACE'] }],
    ['methods', { methods: 'GET' }],
    ['methods', { methods: ['GET POST'] }],
    ['forwardHeaders', { forwardHeaders: 'x-tenant' }],
    ['forwardHeaders', { forwardHeaders: ['x tenant'] }],
    ['forwardHeaders', { forwardHeaders: ['x-tenant\r\n'] }],
    ['removeHeaders', { removeHeaders: [''] }],
    ['removeResponseHeaders', { removeResponseHeaders: ['x:y'] }],
    ['allowSetCookie', { allowSetCookie: ['a=b'] }],
    ['allowPathParameters', { allowPathParameters: 1 }],
    ['csrf', { csrf: 'form' }],
    ['csrf', { csrf: false }],
    ['maxBodyBytes', { maxBodyBytes: -1 }],
    ['maxBodyBytes', { maxBodyBytes: 1.5 }],
    ['replayBodyBytes', { replayBodyBytes: Number.NaN }],
    ['headersTimeoutMs', { headersTimeoutMs: '30' }],
    ['headersTimeoutMs', { headersTimeoutMs: 2 ** 31 }],
    ['idleTimeoutMs', { idleTimeoutMs: Number.POSITIVE_INFINITY }],
    ['totalTimeoutMs', { totalTimeoutMs: -5 }],
  ])('a wrong %s: %j', (option, options) => {
    expect(messageOf(route(options))).toContain(option)
  })

  it.each([
    'cookie',
    'Authorization',
    'DPoP',
    'proxy-authorization',
    'connection',
    'te',
    'host',
    'content-length',
    'x-forwarded-for',
    'X_Forwarded_Host',
    'forwarded',
    'x-csrf',
    'x-real-ip',
    'x-original-url',
    'transfer_encoding',
  ])('forwardHeaders cannot name %s [PRX-08]', (name) => {
    expect(messageOf(route({ forwardHeaders: [name] }))).toContain('forwardHeaders')
  })

  it.each(['__Host-Http-bff', 'bff', '__Host-bff', '__Secure-BFF', '__http-bff', 'bff-login', 'BFF.x'])(
    'allowSetCookie cannot name %s beside our own __Host-Http-bff [PRX-11]',
    (name) => {
      expect(messageOf(route({ allowSetCookie: [name] }))).toContain(name)
    },
  )

  it('allows a cookie that only begins with the same letters', () => {
    expect(messageOf(route({ allowSetCookie: ['bffoo', 'theme'] }))).toBeNull()
  })

  it('names the unknown option, and the known ones', () => {
    expect(messageOf(route({ stripprefix: true }))).toMatch(
      /option stripprefix of apiProxy route \/api\. .*stripPrefix/,
    )
    expect(messageOf(route({ constructor: 1 }))).toContain('constructor')
  })

  it('refuses two routes for one path', () => {
    expect(messageOf([...route({}), ...route({ target: 'https://other.internal' })])).toContain('/api')
  })

  it('takes an undefined option for an absent one', () => {
    const [resolved] = resolveRoutes(route({ token: undefined, onRequest: undefined }), [])
    expect(resolved).toMatchObject({ token: 'user', maxBodyBytes: 10_485_760, headersTimeoutMs: 30_000 })
  })

  it('a minimal route has every safe default [flaw 14]', async () => {
    const { upstream, call } = setUp()
    await call('/api/x', {
      headers: [
        ['cookie', 'bff=1'],
        ['authorization', 'Basic eA=='],
        ['dpop', 'x'],
      ],
    })
    expect(upstream.only.headersTimeoutMs).toBe(30_000)
    expect(upstream.only.headers.map(([name]) => name).sort()).toEqual([
      'authorization',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
    ])
    expect(new Map(upstream.only.headers).get('authorization')).toBe('Bearer at-1')
    expect(new Map(upstream.only.headers).get('x-forwarded-host')).toBe(new URL(ORIGIN).host)
  })
})
