import { expect, it } from 'vitest'
import { sessionCookie } from '../../src/compose/index.ts'
import { request } from '../world.ts'

const cookie = sessionCookie({ origin: 'https://app.example.com', clock: { now: () => 1_000_000 } })
const ID = 'x'.repeat(43)

it('sets, and clears with the same attributes [S1-13]', () => {
  const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict'.split('; ').sort()
  const parts = (value: string) =>
    value
      .split('; ')
      .slice(1)
      .filter((part) => !/^(?:Max-Age|Expires)=/.test(part))
      .sort()
  const set = cookie.set(ID, 1_000_000 + 3_600_999)
  expect(set).toContain(`__Host-Http-bff=${ID}; `)
  expect(set).toContain('; Max-Age=3600;')
  expect(parts(set)).toEqual(attributes)
  expect(cookie.clear()).toMatch(/^__Host-Http-bff=; .*Max-Age=0; Expires=Thu, 01 Jan 1970/)
  expect(parts(cookie.clear())).toEqual(attributes)
  expect([cookie.name, cookie.attributes]).toEqual(['__Host-Http-bff', { secure: true, sameSite: 'strict' }])
  expect(cookie.set(ID, 0)).toContain('; Max-Age=0;')
})

it('reads its own cookie, and nothing from none, an empty or a repeated one [S1-13]', () => {
  const read = (header: string) => cookie.read(request('GET', '/', { cookie: header }))
  expect(read(`a=b; __Host-Http-bff=${ID}; c=d`)).toBe(ID)
  expect(cookie.read(request('GET', '/'))).toBeNull()
  expect(read('bff=x; __host-http-bff=y')).toBeNull()
  expect(read('__Host-Http-bff=')).toBeNull()
  expect(read(`__Host-Http-bff=${ID}; __Host-Http-bff=${ID}`)).toBeNull()
})

it.each(['a b', 'a;b', 'a,b', 'a\r\nb', '"a"', '', 'ä', 'x'.repeat(5000)])('refuses to set %j', (id) => {
  expect(() => cookie.set(id, 2_000_000)).toThrowError(expect.objectContaining({ code: 'invalid_argument' }))
})

it('takes a name and SameSite=Lax, and is not Secure on http://localhost alone [S1-12]', () => {
  const local = sessionCookie({ origin: 'http://localhost:3000', sameSite: 'lax' })
  expect(local.set(ID, Date.now() + 60_000)).toMatch(
    /^bff=x{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
  )
  expect(sessionCookie({ origin: 'https://app.example.com', name: 'cf_session' }).name).toBe('cf_session')
})

it.each<[string, Record<string, unknown>]>([
  ['an unknown option', { secure: false }],
  ['an origin with a path', { origin: 'https://app.example.com/' }],
  ['plain http', { origin: 'http://app.example.com' }],
  ['no origin', { origin: '' }],
  ['a name with a space', { name: 'my cookie' }],
  ['a secure prefix over http', { origin: 'http://localhost', name: '__Host-bff' }],
  ['SameSite=None', { sameSite: 'none' }],
])('refuses to be made with %s', (_, options) => {
  expect(() => sessionCookie({ origin: 'https://app.example.com', ...options })).toThrowError(
    expect.objectContaining({ code: 'invalid_config' }),
  )
})
