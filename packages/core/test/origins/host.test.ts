import { describe, expect, test } from 'vitest'
import { origins } from '../../src/origins/index.ts'
import { request } from '../world.ts'

const A = 'https://a.example.com'
const B = 'https://b.example.com:8443'

const from = (headers: Record<string, string>, remoteAddress?: string) => ({
  ...request('GET', '/', headers),
  remoteAddress,
})

describe('the host of a request names one of the listed origins, or none', () => {
  test.each([
    ['a.example.com', A],
    ['A.Example.COM', A],
    ['a.example.com:443', A],
    ['b.example.com:8443', B],
    ['b.example.com', null],
    ['a.example.com:8443', null],
    ['a.example.com:80', null],
    ['a.example.com.', null],
    ['a.example.com.evil.example', null],
    ['evil.example', null],
    ['evil.example#a.example.com', null],
    ['a.example.com@evil.example', null],
    ['evil.example@a.example.com', null],
    ['a.example.com, evil.example', null],
    ['evil.example, a.example.com', null],
    ['a.example.com/', null],
    ['https://a.example.com', null],
    [' a.example.com', null],
    ['a.example.com\u0000', null],
    ['ａ.example.com', null],
    ['127.0.0.1', null],
    ['[::1]', null],
    ['', null],
    ['__proto__', null],
    ['a'.repeat(100_000), null],
  ])('%j', (host, origin) => {
    expect(origins([A, B]).find(from({ host }))).toBe(origin)
  })

  test('HTTP/2 names it in :authority; a request with two different hosts has none', () => {
    const { find } = origins([A, B])
    expect(find({ ...from({}), host: 'a.example.com' })).toBe(A)
    expect(find({ ...from({ host: 'a.example.com' }), host: 'A.example.com' })).toBe(A)
    expect(find({ ...from({ host: 'a.example.com' }), host: 'b.example.com:8443' })).toBeNull()
    expect(find({ ...from({ host: 'b.example.com:8443' }), host: 'evil.example' })).toBeNull()
    expect(find(from({}))).toBeNull()
  })
})

describe('X-Forwarded-Host counts from a trusted proxy alone', () => {
  const headers = { host: 'internal:3000', 'x-forwarded-host': 'a.example.com' }

  test.each([
    ['a trusted proxy', '10.1.2.3', A],
    ['the same over IPv6', '::ffff:10.1.2.3', A],
    ['a stranger', '192.0.2.7', null],
    ['a peer without an address', undefined, null],
    ['a peer whose address cannot be read', 'nonsense', null],
  ])('%s', (_, peer, origin) => {
    expect(origins([A, B], { trustedProxies: ['10.0.0.0/8'] }).find(from(headers, peer))).toBe(origin)
  })

  test('without trusted proxies nobody is believed', () => {
    expect(origins([A, B]).find(from(headers, '10.1.2.3'))).toBeNull()
    expect(origins([A, B]).find(from({ ...headers, host: 'b.example.com:8443' }, '10.1.2.3'))).toBe(B)
  })

  test.each(['a.example.com, b.example.com:8443', 'evil.example', '', 'a.example.com@evil.example'])(
    'what a proxy passes on of a client is no host: %j',
    (forwarded) => {
      const { find } = origins([A, B], { trustedProxies: ['10.0.0.0/8'] })
      expect(find(from({ ...headers, 'x-forwarded-host': forwarded }, '10.1.2.3'))).toBeNull()
    },
  )

  test('a proxy that writes none leaves the Host header', () => {
    const { find } = origins([A], { trustedProxies: ['10.0.0.0/8'] })
    expect(find(from({ host: 'a.example.com' }, '10.1.2.3'))).toBe(A)
  })
})

describe('a list is refused', () => {
  test.each([
    ['without an origin', [], /at least one/],
    ['with two schemes', [A, 'http://localhost:3000'], /all be https/],
    ['with a path', [`${A}/`], /bare origin/],
    ['with plain http', ['http://a.example.com'], /https/],
  ])('%s', (_, all, message) => {
    expect(() => origins(all)).toThrow(message)
  })
})
