import { expect, test } from 'vitest'
import { csrfViolation } from '../../src/internal/http/csrf.ts'
import { request } from '../world.ts'

const policy = {
  headerName: 'x-csrf',
  headerValue: '1',
  origin: 'https://app.example.com',
  allowedOrigins: new Set(['https://www.example.com', 'https://xn--mnchen-3ya.de']),
}

const judge = (method: string, headers: Record<string, string>) =>
  csrfViolation(request(method, '/api/orders', headers), policy)
const withHeader = (method: string, headers: Record<string, string> = {}) =>
  judge(method, { 'x-csrf': '1', ...headers })

test.each([undefined, '', '0', '1, 1', '1 ', '11', 'true'])(
  'the header value %j is refused, GET included [CSR-01]',
  (value) => {
    const headers = { 'sec-fetch-site': 'same-origin', ...(value !== undefined && { 'x-csrf': value }) }
    expect(judge('GET', headers)).toBe('header')
    expect(judge('POST', headers)).toBe('header')
  },
)

test('Sec-Fetch-Site decides where browsers send it [CSR-02]', () => {
  expect(withHeader('POST', { 'sec-fetch-site': 'same-origin' })).toBeNull()
  for (const site of ['cross-site', 'same-site', 'none'])
    expect(withHeader('POST', { 'sec-fetch-site': site, origin: policy.origin })).toBe('sec_fetch_site')
})

test('an unknown Sec-Fetch-Site value leaves the decision to Origin [CSR-02]', () => {
  expect(withHeader('POST', { 'sec-fetch-site': 'new-thing', origin: policy.origin })).toBeNull()
  expect(withHeader('POST', { 'sec-fetch-site': 'new-thing', origin: 'https://evil.example' })).toBe('origin')
})

test('a sibling of the site acts only when its origin is allowed by name [CSR-10]', () => {
  const sibling = (origin: string) => withHeader('POST', { 'sec-fetch-site': 'same-site', origin })
  expect(sibling('https://www.example.com')).toBeNull()
  expect(sibling('https://old.example.com')).toBe('sec_fetch_site')
})

test.each([
  'https://app.example.com/',
  'https://app.example.com:443',
  'HTTPS://APP.EXAMPLE.COM',
  'https://app.example.com.evil.example',
  'https://app.example.com@evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://münchen.de',
  'https://evil.example',
  '',
])('Origin %j is not byte-equal to an allowed one [CSR-03, CSR-05, CSR-06]', (origin) => {
  expect(withHeader('POST', { origin })).toBe('origin')
})

test('the exact origins pass [CSR-03]', () => {
  for (const origin of [policy.origin, ...policy.allowedOrigins])
    expect(withHeader('POST', { origin })).toBeNull()
})

test('Origin: null is refused whatever else is said [CSR-04]', () => {
  expect(withHeader('GET', { origin: 'null' })).toBe('origin_null')
  expect(withHeader('POST', { origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe('origin_null')
})

test('without Origin, Referer and Sec-Fetch-Site only safe methods pass [CSR-07]', () => {
  for (const method of ['GET', 'HEAD']) expect(withHeader(method)).toBeNull()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'])
    expect(withHeader(method)).toBe('no_origin')
})

test.each([
  ['https://app.example.com/orders?x=1', null],
  ['https://www.example.com/', null],
  ['https://evil.example/https://app.example.com/', 'referer'],
  ['https://user@app.example.com/', 'referer'],
  ['not a url', 'referer'],
  [`https://app.example.com/${'x'.repeat(4_096)}`, 'referer'],
])('the Referer %.60s is judged by its origin [CSR-08]', (referer, expected) => {
  expect(withHeader('POST', { referer })).toBe(expected)
})

test('what the request says about its own host changes nothing [CSR-09]', () => {
  const lies = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
  expect(withHeader('POST', { ...lies, origin: 'https://evil.example' })).toBe('origin')
  expect(withHeader('POST', { ...lies, origin: policy.origin })).toBeNull()
})

test('simple content types and method overrides give no way around [CSR-11, CSR-14]', () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])
    expect(judge('POST', { 'content-type': type, origin: policy.origin })).toBe('header')
  expect(withHeader('POST', { 'x-http-method-override': 'GET' })).toBe('no_origin')
})

test.each([
  ['same-origin', ['GET', 'HEAD']],
  ['form', ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']],
] as const)(
  'with %s the browser vouches for %j in place of the header, and for nothing else',
  (check, methods) => {
    const { origin } = policy
    const judged = (method: string, headers: Record<string, string>) =>
      csrfViolation(request(method, '/api/orders', headers), policy, check)
    for (const method of methods) {
      expect(judged(method, { 'sec-fetch-site': 'same-origin' })).toBeNull()
      expect(judged(method, { origin })).toBeNull()
      expect(judged(method, { referer: `${origin}/page?x=1` })).toBeNull()
      expect(judged(method, { referer: 'https://www.example.com/' })).toBeNull()
      expect(judged(method, { 'sec-fetch-site': 'same-site', origin: 'https://www.example.com' })).toBeNull()
      for (const site of ['cross-site', 'same-site', 'none'])
        expect(judged(method, { 'sec-fetch-site': site, referer: `${origin}/` })).toBe('sec_fetch_site')
      expect(judged(method, { 'sec-fetch-site': 'same-origin', origin: 'null' })).toBe('origin_null')
      expect(judged(method, { origin: 'https://evil.example', referer: `${origin}/` })).toBe('origin')
      expect(judged(method, { referer: 'https://evil.example/' })).toBe('referer')
      expect(judged(method, { referer: `https://evil.example/${origin}/` })).toBe('referer')
      expect(judged(method, {})).toBe('no_origin')
    }
    for (const method of ['POST', 'PUT', 'DELETE'].filter((one) => !methods.some((may) => may === one)))
      expect(judged(method, { 'sec-fetch-site': 'same-origin', origin })).toBe('header')
    expect(judged('GET', { 'x-csrf': '1' })).toBeNull()
  },
)
