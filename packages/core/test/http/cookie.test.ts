import { expect, test } from 'vitest'
import { clearCookie, cookiesOf, readCookie, setCookie } from '../../src/internal/http/cookie.ts'

const strict = { secure: true, sameSite: 'strict' } as const

test('the deletion repeats every attribute of the cookie it removes [CKS-01]', () => {
  const attributes = (cookie: string) =>
    cookie
      .split('; ')
      .filter((part) => !/^(name=|Max-Age|Expires)/.test(part))
      .sort()
  const set = setCookie('name', 'value', 60, strict)
  expect(set).toBe('name=value; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict')
  expect(attributes(clearCookie('name', strict))).toEqual(attributes(set))
  expect(clearCookie('name', strict)).toContain('Max-Age=0')
})

test('a cookie that browsers would drop for its size is an error [CKS-02]', () => {
  expect(() => setCookie('name', 'x'.repeat(4_093), 60, strict)).toThrow(/4096 bytes/)
  expect(setCookie('name', 'x'.repeat(4_092), 60, strict)).toContain('HttpOnly')
})

test.each([
  ['bff=a', { value: 'a' }],
  ['x=1; bff=a; y=2', { value: 'a' }],
  ['x=1;bff=a', { value: 'a' }],
  ['BFF=a', null],
  ['xbff=a; bffx=b', null],
  ['bff =a', null],
  ['x="; bff=a', { value: 'a' }],
  ['bff="a"', { value: '"a"' }],
  ['bff=%61', { value: '%61' }],
  ['$Version=1; bff=a; $Path=/', { value: 'a' }],
  ['bff=a=b', { value: 'a=b' }],
  ['bff', null],
  ['', null],
  [';;; ;=; =a', null],
  ['__proto__=1', null],
  [undefined, null],
])('the name is matched byte for byte in %j [CKS-03]', (header, expected) => {
  expect(readCookie(header, 'bff')).toEqual(expected)
})

test('two cookies of the name are none [CKS-04]', () => {
  expect(readCookie('bff=a; bff=b', 'bff')).toBe('duplicate')
  expect(readCookie('bff=a; x=1; bff=a', 'bff')).toBe('duplicate')
})

test('a header beyond 16 KiB is refused, thousands of pairs below it are read [CKS-06]', () => {
  expect(() => readCookie('x'.repeat(16_385), 'bff')).toThrow(
    expect.objectContaining({ code: 'headers_too_large' }),
  )
  expect(readCookie(`${'a=1; '.repeat(3_000)}bff=z`, 'bff')).toEqual({ value: 'z' })
})

test('sign-in cookies are found by their prefix, oldest first [BFF-25]', () => {
  expect(cookiesOf('bff=1; bff-login-b=1; other=2; bff-login-a=3', 'bff-login-')).toEqual([
    ['bff-login-b', '1'],
    ['bff-login-a', '3'],
  ])
})
