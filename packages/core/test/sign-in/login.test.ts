import { expect, test } from 'vitest'
import { BffError } from '../../src/index.ts'
import { Browser, headerOf, jsonOf, request, setCookies, world } from '../world.ts'

test('signing in sets one opaque cookie and leads to returnTo', async () => {
  const { browser, store } = world()
  const user = browser()
  const reply = await user.signIn('/orders?open=1')
  expect(reply.status).toBe(303)
  expect(headerOf(reply, 'location')).toBe('/orders?open=1')
  expect(user.cookies.get('__Host-Http-bff')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(setCookies(reply)[0]).toMatch(/; Path=\/; Max-Age=604800; HttpOnly; Secure; SameSite=Strict$/)
  expect(store.count()).toBe(1)
})

test('the store holds neither the id nor a token [CKS-08, BFF-15]', async () => {
  const { browser, store } = world()
  const user = browser()
  await user.signIn()
  const id = user.cookies.get('__Host-Http-bff') ?? ''
  const { records } = await store.sessions.list({ userId: 'alice' })
  const dump = Buffer.from(
    JSON.stringify(records, (_k, v) => (v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : v)),
  )
  for (const secret of [id, id.slice(16), 'access-1', 'refresh-1', 'Alice'])
    expect(dump.includes(secret)).toBe(false)
})

test.each(['//evil.example', 'https://evil.example', '/\\evil.example', 'orders', ''])(
  'returnTo %j is refused before anything is stored [BFF-22]',
  async (returnTo) => {
    const { browser, provider } = world()
    const target = `/bff/login?returnTo=${encodeURIComponent(returnTo)}`
    const script = await browser().fetch('GET', target)
    expect([script.status, jsonOf(script).error]).toEqual([400, 'invalid_return_to'])
    const person = await browser().navigate(target)
    expect([person.status, headerOf(person, 'location')]).toEqual([303, '/?error=invalid_return_to'])
    expect(provider.calls).toEqual([])
  },
)

test.each([
  { 'sec-fetch-dest': 'iframe' },
  { 'sec-fetch-dest': 'image' },
  { 'sec-purpose': 'prefetch;prerender' },
])('no sign-in starts from %j [BFF-24]', async (headers) => {
  const { bff, provider } = world()
  const reply = await bff.handle(request('GET', '/bff/login', headers))
  expect(reply?.status).toBe(403)
  expect(provider.calls).toEqual([])
})

test('many parallel sign-ins leave at most four pending cookies, and the newest four still work [BFF-25]', async () => {
  const { browser } = world()
  const user = browser()
  const states = []
  for (let attempt = 0; attempt < 12; attempt++) states.push(await user.startSignIn(`/tab/${attempt}`))
  expect(user.cookies.size).toBe(4)
  const oldest = await user.navigate(`/bff/callback?code=c&state=${states[7]}`)
  expect(headerOf(oldest, 'location')).toBe('/?error=login_expired')
  for (const tab of [8, 10, 11, 9]) {
    const reply = await user.navigate(`/bff/callback?code=c&state=${states[tab]}`)
    expect(headerOf(reply, 'location')).toBe(`/tab/${tab}`)
  }
  expect([...user.cookies.keys()]).toEqual(['__Host-Http-bff'])
})

test('the transaction cookie is Lax, host-only and short-lived [BFF-25]', async () => {
  const { browser } = world()
  const reply = await browser().navigate('/bff/login')
  expect(setCookies(reply)).toEqual([
    expect.stringMatching(
      /^__Host-Http-bff-login-[\w-]{16}=[\w-]{100,300}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    ),
  ])
})

test('a callback works once: replayed, it is refused and the session stays [BFF-19]', async () => {
  const { browser, provider } = world()
  const user = browser()
  const state = await user.startSignIn()
  const cookies = new Map(user.cookies)
  await user.navigate(`/bff/callback?code=c&state=${state}`)
  const session = user.cookies.get('__Host-Http-bff') ?? ''
  for (const [name, value] of cookies) user.cookies.set(name, value)
  const replay = await user.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(replay, 'location')).toBe('/?error=login_expired')
  expect(provider.calls.filter((call) => call === 'exchange')).toHaveLength(1)
  expect(user.cookies.get('__Host-Http-bff')).toBe(session)
})

test('a stranger who knows the state can neither complete nor use up a sign-in [BFF-18]', async () => {
  const { bff, browser, provider } = world()
  const user = browser()
  const state = await user.startSignIn('/mine')
  const stranger = new Browser(bff)
  stranger.cookies.set(`__Host-Http-bff-login-${state.slice(0, 16)}`, 'A'.repeat(43))
  const stolen = await stranger.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(stolen, 'location')).toBe('/?error=login_expired')
  expect(provider.calls).not.toContain('exchange')
  expect(headerOf(await user.navigate(`/bff/callback?code=c&state=${state}`), 'location')).toBe('/mine')
})

test.each(['', 'short', 'x'.repeat(43), `${'x'.repeat(16)}/../../etc`, '%00'])(
  'the state %j is unknown [BFF-19]',
  async (state) => {
    const { browser } = world()
    const reply = await browser().fetch('GET', `/bff/callback?code=c&state=${encodeURIComponent(state)}`)
    expect([reply.status, jsonOf(reply).error]).toEqual([400, 'login_expired'])
  },
)

test('a sign-in not completed within its time is refused, also when the browser kept its cookie too long [BFF-25]', async () => {
  const { browser, clock } = world()
  const user = browser()
  const state = await user.startSignIn()
  await clock.advance(600_001)
  expect(user.cookies.size).toBe(1)
  const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
})

test('a provider error at the callback leads back to the app with its code, and signing in again works', async () => {
  const { browser, provider, events } = world()
  const user = browser()
  provider.onExchange = () => {
    throw new BffError('login_failed', 'The provider answered access_denied.')
  }
  const reply = await user.signIn()
  expect(headerOf(reply, 'location')).toBe('/?error=login_failed')
  expect(user.cookies.has('__Host-Http-bff')).toBe(false)
  expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed', code: 'login_failed' }))
  provider.onExchange = () => {}
  expect(headerOf(await user.signIn(), 'location')).toBe('/orders')
})

test('signing in again makes a new session and ends the old one [CKS-10]', async () => {
  const { browser, store } = world()
  const user = browser()
  await user.signIn()
  const first = { ...user.cookieHeader }
  await user.signIn()
  expect(user.cookieHeader).not.toEqual(first)
  const { records } = await store.sessions.list({ userId: 'alice' })
  expect(records.map((record) => record.revocation?.reasonCode).sort()).toEqual([
    'replaced_by_login',
    undefined,
  ])
})

test('after a cross-site return the page is opened from our own origin, so that the Strict cookie comes along [BFF-26]', async () => {
  const { browser } = world()
  const user = browser()
  const state = await user.startSignIn('/orders?a=1&b="><script>')
  const reply = await user.navigate(`/bff/callback?code=c&state=${state}`, { 'sec-fetch-site': 'cross-site' })
  expect(reply.status).toBe(200)
  expect(reply.body).toContain('content="0;url=/orders?a=1&#38;b=&#34;&#62;&#60;script&#62;"')
  expect(user.cookies.has('__Host-Http-bff')).toBe(true)
})

test('without a provider, signing in answers 501', async () => {
  const { browser } = world({ provider: undefined } as never)
  const reply = await browser().fetch('GET', '/bff/login')
  expect([reply.status, jsonOf(reply).error]).toEqual([501, 'not_configured'])
})

test('onCreateSession adds to the session, and refuses it by throwing [S1-15]', async () => {
  const accepting = world({
    hooks: { onCreateSession: () => ({ organizationId: 'org-1', metadata: { plan: 'pro' } }) },
  })
  const user = accepting.browser()
  await user.signIn()
  const session = await accepting.bff.getSession(user.view('GET', '/'))
  expect(session).toMatchObject({ organizationId: 'org-1', metadata: { plan: 'pro' } })

  const refusing = world({
    hooks: {
      onCreateSession: () => {
        throw new BffError('login_refused', 'Only employees may sign in.')
      },
    },
  })
  expect(headerOf(await refusing.browser().signIn(), 'location')).toBe('/?error=login_refused')
  expect(refusing.store.count()).toBe(0)
})
