import { expect, test } from 'vitest'
import type { SessionHandle } from '../../src/index.ts'
import { type Browser, headerOf, jsonOf, request, setCookies, world } from '../world.ts'

/** What a browser sends with a form of the app's own page. */
const FORM = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
  origin: 'https://app.example.com',
  accept: 'text/html',
  'content-type': 'application/x-www-form-urlencoded',
}

async function signedIn(config: Parameters<typeof world>[0] = {}) {
  const all = world(config)
  const user = all.browser()
  await user.signIn()
  return { ...all, user }
}

const post = (user: Browser, headers: Record<string, string>, target = '/bff/logout') =>
  user.send(request('POST', target, { ...user.cookieHeader, ...headers }))

const { 'sec-fetch-mode': _mode, 'sec-fetch-dest': _dest, 'sec-fetch-site': _site, ...OLD } = FORM

test.each([
  ['a form', FORM],
  ['a form in a browser without Sec-Fetch-Site', OLD],
])('%s of the app signs out, and goes on to the provider [LGO-18]', async (_name, headers) => {
  const { user, store, events } = await signedIn()
  const handle = (user.cookies.get('__Host-Http-bff') ?? '').slice(0, 16) as SessionHandle
  const reply = await post(user, headers)
  expect([reply.status, headerOf(reply, 'location'), user.cookies.size]).toEqual([
    303,
    'https://idp.example.com/end',
    0,
  ])
  expect((await store.sessions.get(handle))?.revocation?.reasonCode).toBe('logout')
  expect(events.filter(({ type }) => type === 'auth.logout')).toHaveLength(1)
})

test('without a session the form goes on to the page it names, on this origin only', async () => {
  const { browser } = world()
  const reply = await post(browser(), FORM, '/bff/logout?returnTo=/bye')
  expect([reply.status, headerOf(reply, 'location'), setCookies(reply)]).toEqual([303, '/bye', []])
  expect((await post(browser(), FORM, '/bff/logout?returnTo=//evil.example')).status).toBe(400)
})

test.each([
  ['another site', { ...FORM, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a sibling', { ...FORM, 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }],
  ['another site, in an old browser', { ...OLD, origin: 'https://evil.example' }],
  ['a page without an origin', { ...FORM, origin: 'null' }],
  ['nobody knows where, in an old browser', { ...OLD, origin: '' }],
])('a form of %s signs nobody out [LGO-18]', async (_name, headers) => {
  const { user, events } = await signedIn()
  const reply = await post(user, headers)
  expect([reply.status, setCookies(reply)]).toEqual([403, []])
  expect(reply.body).toContain('data-error="csrf_violation"')
  expect(events).toContainEqual(expect.objectContaining({ type: 'csrf.rejected', path: '/bff/logout' }))
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

test.each([
  ['a script', { ...FORM, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ['a form in a frame', { ...FORM, 'sec-fetch-dest': 'iframe' }],
  ['a beacon', { ...FORM, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
])('%s needs the header [LGO-18]', async (_name, headers) => {
  const { user } = await signedIn()
  expect((await post(user, headers)).status).toBe(403)
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

test('a form does not refresh, nor call another endpoint [CSR-01]', async () => {
  const { user } = await signedIn()
  expect((await post(user, FORM, '/bff/refresh')).status).toBe(403)
})
