import { expect, test } from 'vitest'
import { type Browser, headerOf, jsonOf, request, setCookies, world } from '../world.ts'

const OPENED = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
  accept: 'text/html',
}

async function signedIn(config: Parameters<typeof world>[0] = {}) {
  const all = world(config)
  const user = all.browser()
  await user.signIn()
  const claims = jsonOf(await user.fetch('GET', '/bff/user')) as Array<{ type: string; value: string }>
  return { ...all, user, link: claims.find(({ type }) => type === 'bff:logout_url')?.value ?? '' }
}

const ask = (user: Browser, link: string, headers: Record<string, string>) =>
  user.send(request('GET', link, { ...user.cookieHeader, ...headers }))

test.each([
  ['a prefetch', { ...OPENED, 'sec-purpose': 'prefetch' }],
  ['a prerender', { ...OPENED, 'sec-purpose': 'prefetch;prerender' }],
  ['a prefetch of older Chromium', { purpose: 'prefetch', accept: 'text/html' }],
  ['a prefetch of Firefox', { 'x-moz': 'prefetch', accept: 'text/html' }],
  ['a preview of Safari', { 'x-purpose': 'preview', accept: 'text/html' }],
  ['a link element', { ...OPENED, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
  ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', accept: 'image/*' }],
  ['an image of an old browser', { accept: 'image/avif,image/webp,*/*' }],
  ['a frame', { ...OPENED, 'sec-fetch-dest': 'iframe' }],
  ['an object', { ...OPENED, 'sec-fetch-dest': 'object' }],
  ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }],
  ['a script of an old browser', { accept: '*/*' }],
  [
    'Next’s prefetch',
    { rsc: '1', 'next-router-prefetch': '1', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  ],
  ['Next’s prefetch in an old browser', { rsc: '1', 'next-router-prefetch': '1', accept: '*/*' }],
])('%s of the sign-out link signs nobody out [LGO-18]', async (_name, headers) => {
  const { user, link, events } = await signedIn()
  const reply = await ask(user, link, headers)
  expect([reply.status, jsonOf(reply).error, setCookies(reply)]).toEqual([403, 'csrf_violation', []])
  expect(jsonOf(reply).message).toContain('opened by a user')
  expect(events).toContainEqual(expect.objectContaining({ type: 'csrf.rejected', reason: 'not_opened' }))
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

test.each([
  ['here', OPENED],
  ['in an old browser', { accept: 'text/html,application/xhtml+xml' }],
])('the sign-out link, opened %s, signs out [LGO-18]', async (_name, headers) => {
  const { user, link } = await signedIn()
  const reply = await ask(user, link, headers)
  expect([reply.status, user.cookies.size]).toEqual([303, 0])
})

test.each([
  ['/bff/logout', 'cross-site'],
  ['/bff/logout', 'none'],
  ['/bff/logout?sid=made-up', 'cross-site'],
])('a page that opens %s without a visible cookie (%s) takes none away', async (target, site) => {
  const { browser } = world()
  const reply = await ask(browser(), target, { ...OPENED, 'sec-fetch-site': site })
  expect([reply.status, headerOf(reply, 'location'), setCookies(reply)]).toEqual([303, '/', []])
})

test('two cookies of the name are none, and neither sign-out takes one away', async () => {
  const { bff, link } = await signedIn()
  const cookie = `__Host-Http-bff=${'A'.repeat(43)}; __Host-Http-bff=${'B'.repeat(43)}`
  const reply = await bff.handle(request('GET', link, { ...OPENED, cookie }))
  expect([reply?.status, reply && setCookies(reply)]).toEqual([303, []])
})

test('where the cookie is Lax, another site’s link still needs the sid of this session', async () => {
  const { user, link } = await signedIn({ cookie: { sameSite: 'lax' } })
  const foreign = { ...OPENED, 'sec-fetch-site': 'cross-site' }
  const refused = await ask(user, '/bff/logout?sid=guessed', foreign)
  expect([refused.status, setCookies(refused)]).toEqual([403, []])
  expect((await ask(user, link, foreign)).status).toBe(303)
})
