import { describe, expect, it } from 'vitest'
import { type OriginOptions, originCheck, originValidator } from '../../src/compose/index.ts'
import { type BffEvent, jsonReply, type RequestView } from '../../src/index.ts'
import { jsonOf, request } from '../world.ts'

const APP = 'https://app.example.com'
const OURS: OriginOptions = { allowedOrigins: [APP] }

const why = (options: OriginOptions, headers: Record<string, string>, method = 'POST') =>
  originValidator(options)(request(method, '/orders', headers))

describe('originValidator [S1-27, S1-28]', () => {
  it('wants the Origin to be one of the allowed, in any case of letters', () => {
    expect(why(OURS, { origin: APP })).toBeNull()
    expect(why(OURS, { origin: 'HTTPS://App.Example.com' })).toBeNull()
    expect(why(OURS, { origin: 'https://evil.example.com' })).toBe('origin')
    expect(why({ allowedOrigins: ['https://a.example', APP] }, { origin: APP })).toBeNull()
  })

  it.each([
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://xapp.example.com',
    'https://app.example.com/',
    'https://user@app.example.com',
    'null',
  ])('refuses the Origin %s [CSR-03]', (origin) => {
    expect(why(OURS, { origin, referer: `${APP}/` })).not.toBeNull()
  })

  it('takes the origin of Referer where there is no Origin, unless told not to', () => {
    expect(why(OURS, { referer: `${APP}/orders?x=1` })).toBeNull()
    expect(why(OURS, { referer: `https://evil.example.com/?${APP}` })).toBe('referer')
    expect(why(OURS, { referer: `https://${'x'.repeat(9000)}` })).toBe('referer')
    expect(why({ ...OURS, checkReferer: false }, { referer: `${APP}/orders` })).toBe('no_origin')
    expect(
      why({ ...OURS, checkReferer: false, allowMissingOrigin: true }, { referer: 'https://evil.example' }),
    ).toBeNull()
  })

  it('refuses requests that say nothing, unless told not to', () => {
    expect(why(OURS, {})).toBe('no_origin')
    expect(why({ ...OURS, allowMissingOrigin: true }, {})).toBeNull()
    expect(why(OURS, { 'sec-fetch-site': 'none' })).toBe('sec_fetch_site')
    expect(why({ ...OURS, allowMissingOrigin: true }, { 'sec-fetch-site': 'none' })).toBeNull()
    expect(why({ ...OURS, allowMissingOrigin: true }, { origin: 'https://evil.example' })).toBe('origin')
  })

  it('believes Sec-Fetch-Site first, which no page can set', () => {
    expect(why(OURS, { 'sec-fetch-site': 'same-origin' })).toBeNull()
    expect(why(OURS, { 'sec-fetch-site': 'cross-site' })).toBe('sec_fetch_site')
    expect(why({ ...OURS, allowMissingOrigin: true }, { 'sec-fetch-site': 'cross-site' })).toBe(
      'sec_fetch_site',
    )
    expect(why(OURS, { 'sec-fetch-site': 'cross-site', referer: `${APP}/` })).toBe('sec_fetch_site')
    expect(why(OURS, { 'sec-fetch-site': 'same-site', origin: APP })).toBeNull()
  })

  it('takes hosts over https alone, and localhost over http too', () => {
    const hosts: OriginOptions = { allowedHosts: ['app.example.com', 'localhost:3000'] }
    expect(why(hosts, { origin: APP })).toBeNull()
    expect(why(hosts, { origin: 'http://app.example.com' })).toBe('origin')
    expect(why(hosts, { origin: 'http://localhost:3000' })).toBeNull()
    expect(why(hosts, { origin: 'http://localhost:3001' })).toBe('origin')
  })

  it('skips no method unless told to, and never a WebSocket handshake [CSR-13]', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) expect(why(OURS, {}, method)).toBe('no_origin')
    const skipping = { ...OURS, skipMethods: ['GET', 'HEAD', 'OPTIONS'] }
    expect(['GET', 'HEAD', 'OPTIONS', 'POST'].map((method) => why(skipping, {}, method))).toEqual([
      null,
      null,
      null,
      'no_origin',
    ])
    const handshake = (headers: Record<string, string>): RequestView => ({
      ...request('GET', '/live', headers),
      upgrade: true,
    })
    const violation = originValidator({ ...skipping, allowMissingOrigin: true })
    expect(violation(handshake({}))).toBe('origin')
    expect(violation(handshake({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }))).toBe(
      'origin',
    )
    expect(violation(handshake({ origin: APP }))).toBeNull()
  })

  it.each<[string, Record<string, unknown>]>([
    ['nobody [S1-14]', {}],
    ['an empty list [S1-14]', { allowedOrigins: [] }],
    ['an origin with a slash', { allowedOrigins: [`${APP}/`] }],
    ['an origin with its default port', { allowedOrigins: [`${APP}:443`] }],
    ['an origin without scheme', { allowedOrigins: ['app.example.com'] }],
    ['everyone', { allowedOrigins: ['*'] }],
    ['null', { allowedOrigins: ['null'] }],
    ['a host with a path', { allowedHosts: ['app.example.com/x'] }],
    ['a host with a scheme', { allowedHosts: [APP] }],
    ['an unknown option', { ...OURS, allowedOrigin: APP }],
  ])('refuses to be made for %s', (_, options) => {
    expect(() => originValidator(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})

describe('originCheck [S1-29]', () => {
  const ok = async () => jsonReply(200, 'ok')

  it('lets ours pass, and answers others with 403 and an event', async () => {
    const events: BffEvent[] = []
    const check = originCheck({ ...OURS, onEvent: (event) => events.push(event) })
    expect((await check(request('GET', '/orders', { origin: APP }), ok)).status).toBe(200)
    const refused = await check(request('GET', '/orders?q=secret', { origin: 'https://evil.example' }), ok)
    expect([refused.status, jsonOf(refused).error]).toEqual([403, 'csrf_violation'])
    expect(events).toEqual([
      { type: 'csrf.rejected', reason: 'origin', path: '/orders', at: expect.any(Number) },
    ])
  })

  it('answers as the app wants, and survives a broken sink [S1-27]', async () => {
    const check = originCheck({
      ...OURS,
      onRefused: (view, reason) => jsonReply(418, `${view.method} ${reason}`),
      onEvent: () => {
        throw new Error('a broken sink')
      },
    })
    const refused = await check(request('PUT', '/orders'), ok)
    expect([refused.status, jsonOf(refused)]).toEqual([418, 'PUT no_origin'])
  })
})
