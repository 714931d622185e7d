import { expect, test } from 'vitest'
import { BffError, type SessionHandle } from '../../src/index.ts'
import { Browser, headerOf, jsonOf, setCookies, world } from '../world.ts'

const CROSS_SITE = { 'sec-fetch-site': 'cross-site' }
const SESSION = '__Host-Http-bff'

/** Every write to the TTL store, by key. */
function watchWrites({ store }: ReturnType<typeof world>): string[] {
  const keys: string[] = []
  for (const method of ['set', 'setIfAbsent'] as const) {
    const original = store.ttl[method].bind(store.ttl) as (...args: unknown[]) => Promise<never>
    Object.assign(store.ttl, {
      [method]: (key: string, ...rest: unknown[]) => {
        keys.push(key)
        return original(key, ...rest)
      },
    })
  }
  return keys
}

test('a flood of sign-ins that nobody completes writes nothing to the store', async () => {
  const all = world()
  const keys = watchWrites(all)
  for (let attempt = 0; attempt < 500; attempt++) await all.browser().startSignIn()
  expect(keys).toEqual([])
})

test('a flood of callbacks with codes the provider does not know leaves nothing in the store', async () => {
  const all = world()
  const keys = watchWrites(all)
  all.provider.onExchange = () => {
    throw new BffError('login_failed')
  }
  for (let attempt = 0; attempt < 100; attempt++) await all.browser().signIn()
  expect(await Promise.all(keys.map((key) => all.store.ttl.get(key)))).toEqual(keys.map(() => null))
})

test('a callback without the cookie of its attempt, or with one that is made up, reaches neither store nor provider', async () => {
  const all = world()
  const keys = watchWrites(all)
  const state = await all.browser().startSignIn()
  for (const value of [null, 'A'.repeat(200), '', '"', 'AQhnX0xR']) {
    const stranger = all.browser()
    if (value !== null) stranger.cookies.set(`${SESSION}-login-${state.slice(0, 16)}`, value)
    await stranger.navigate(`/bff/callback?code=c&state=${state}`)
  }
  expect([keys, all.provider.calls]).toEqual([[], ['authorize']])
})

test('of many callbacks of one attempt at once exactly one signs in, on any process', async () => {
  const keys = ['c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=']
  const first = world({ encryptionKeys: keys })
  const second = world({ encryptionKeys: keys, store: first.store, clock: first.clock })
  const user = first.browser()
  const state = await user.startSignIn()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const tab = new Browser((index % 2 === 0 ? first : second).bff)
      for (const [name, value] of user.cookies) tab.cookies.set(name, value)
      return tab.navigate(`/bff/callback?code=c&state=${state}`)
    }),
  )
  const places = answers.map((answer) => headerOf(answer, 'location')).sort()
  expect(places).toEqual([...Array(19).fill('/?error=login_expired'), '/orders'])
  expect(first.store.count()).toBe(1)
})

test('a replay is refused as long as a clock takes the attempt for a recent one', async () => {
  const { bff, browser, clock } = world()
  const user = browser()
  const state = await user.startSignIn()
  const replay = new Browser(bff)
  for (const [name, value] of user.cookies) replay.cookies.set(name, value)
  await clock.advance(599_000)
  expect(headerOf(await user.navigate(`/bff/callback?code=c&state=${state}`), 'location')).toBe('/orders')
  for (const ms of [0, 1_000, 1, 600_000]) {
    await clock.advance(ms)
    const answer = await replay.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(answer, 'location')).toBe('/?error=login_expired')
    for (const [name, value] of user.cookies) replay.cookies.set(name, value)
  }
})

test('the cookie of an attempt shows nothing of it, and opens for no other state', async () => {
  const { browser, provider } = world()
  const user = browser()
  const [one, two] = [await user.startSignIn('/secret-place'), await user.startSignIn('/other')]
  const values = [...user.cookies.values()]
  const text = values.map((value) => value + Buffer.from(value, 'base64url').toString('latin1')).join()
  for (const hidden of ['secret-place', 'verifier', 'startedAt', one, two]) expect(text).not.toContain(hidden)
  const [first = '', second = ''] = [...user.cookies.keys()]
  user.cookies.set(first, values[1] ?? '').set(second, values[0] ?? '')
  for (const state of [one, two]) {
    const answer = await user.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(answer, 'location')).toBe('/?error=login_expired')
  }
  expect(provider.calls).not.toContain('exchange')
})

test('the cookies of all attempts together fit into the header that servers accept', async () => {
  const { browser } = world({ login: { maxPending: 10 } })
  const user = browser()
  for (let attempt = 0; attempt < 12; attempt++) await user.startSignIn(`/${'x'.repeat(1_900)}${attempt}`)
  expect(user.cookies.size).toBe(2)
  expect((user.cookieHeader['cookie'] ?? '').length).toBeLessThan(6_200)
  const short = browser()
  for (let attempt = 0; attempt < 12; attempt++) await short.startSignIn(`/${attempt}`)
  expect(short.cookies.size).toBe(10)
})

test('an attempt too large for a cookie is refused and says what to do', async () => {
  const { browser, provider } = world()
  const { authorize } = provider
  provider.authorize = async (request) => ({
    ...(await authorize.call(provider, request)),
    transaction: { verifier: 'v'.repeat(1_000) },
  })
  const target = `/bff/login?returnTo=/${'x'.repeat(2_047)}`
  const answer = await browser().fetch('GET', target)
  expect([answer.status, jsonOf(answer)]).toEqual([
    400,
    { error: 'invalid_return_to', message: 'returnTo is too long for a cookie. Shorten it.' },
  ])
})

test.each([
  ['/заказы', '/%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7%D1%8B'],
  ['/café?q=é', '/caf%C3%A9?q=%C3%A9'],
])('signing in and out with returnTo=%s leads there, percent-encoded', async (returnTo, encoded) => {
  const { browser, provider } = world()
  const user = browser()
  expect(headerOf(await user.signIn(returnTo), 'location')).toBe(encoded)
  const state = await user.startSignIn(returnTo)
  const page = await user.navigate(`/bff/callback?code=c&state=${state}`, CROSS_SITE)
  expect(page.body).toContain(`url=${encoded}"`)

  const query = `returnTo=${encodeURIComponent(returnTo)}`
  const out = jsonOf(await user.fetch('POST', `/bff/logout?${query}`))
  const back = await user.navigate(`/bff/logout/callback${new URL(out.logout_url).search}`)
  expect(headerOf(back, 'location')).toBe(encoded)
  provider.onEndSession = () => null
  await user.signIn()
  const claims = jsonOf(await user.fetch('GET', '/bff/user')) as Array<{ type: string; value: string }>
  const link = claims.find(({ type }) => type === 'bff:logout_url')?.value
  expect(headerOf(await user.navigate(`${link}&${query}`), 'location')).toBe(encoded)
})

test('configured places are percent-encoded too', async () => {
  const { browser, provider } = world({
    login: { returnTo: '/начало', errorPath: '/ошибка?x=é' },
    logout: { returnTo: '/конец' },
  })
  const user = browser()
  const state = await user.navigate('/bff/login').then((answer) => headerOf(answer, 'location'))
  const callback = `/bff/callback?code=c&state=${new URL(state ?? '').searchParams.get('state')}`
  expect(headerOf(await user.navigate(callback), 'location')).toBe(encodeURI('/начало'))
  expect(headerOf(await user.navigate('/bff/logout/callback'), 'location')).toBe(encodeURI('/конец'))
  provider.onExchange = () => {
    throw new BffError('login_failed')
  }
  expect(headerOf(await user.signIn(), 'location')).toBe(`${encodeURI('/ошибка?x=é')}&error=login_failed`)
})

test('a second person’s sign-in ends the session of the first, though the callback could not see its cookie', async () => {
  const { bff, browser, provider, store } = world()
  const user = browser()
  await user.signIn()
  const alice = user.cookies.get(SESSION) ?? ''
  const state = await user.startSignIn()
  provider.subject = 'bob'
  // The provider's page is on another site: the browser holds the Strict cookie back.
  user.cookies.delete(SESSION)
  const page = await user.navigate(`/bff/callback?code=c&state=${state}`, CROSS_SITE)
  expect([page.status, user.cookies.has(SESSION)]).toEqual([200, true])

  const thief = new Browser(bff)
  thief.cookies.set(SESSION, alice)
  expect(jsonOf(await thief.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
  const ended = await store.sessions.get(alice.slice(0, 16) as SessionHandle)
  expect(ended?.revocation?.reasonCode).toBe('replaced_by_login')
  expect(jsonOf(await user.fetch('GET', '/bff/session')).user_id).toBe('bob')
})

test('of sign-ins in several tabs, whose callbacks cannot see each other’s cookie, the last one’s session alone lives', async () => {
  const { bff, browser } = world()
  const user = browser()
  const states = [await user.startSignIn(), await user.startSignIn(), await user.startSignIn()]
  for (const state of [states[1], states[0], states[2]]) {
    user.cookies.delete(SESSION)
    await user.navigate(`/bff/callback?code=c&state=${state}`, CROSS_SITE)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
    expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
  }
})

test('a sign-in that fails leaves the session there was', async () => {
  const { browser, provider } = world()
  const user = browser()
  await user.signIn()
  provider.onExchange = () => {
    throw new BffError('login_failed')
  }
  await user.signIn()
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

test('a link on another site asks once more from here, where the browser shows the session it has', async () => {
  const { browser, provider, store } = world()
  const user = browser()
  await user.signIn()
  const alice = user.cookies.get(SESSION) ?? ''
  user.cookies.delete(SESSION)
  const target = '/bff/login?returnTo=/orders&x="><b>'
  const page = await user.navigate(target, CROSS_SITE)
  expect([page.status, setCookies(page), provider.calls.length]).toEqual([200, [], 2])
  expect(page.body).toContain('url=/bff/login?returnTo=/orders&#38;x=&#34;&#62;&#60;b&#62;"')

  user.cookies.set(SESSION, alice)
  const begun = await user.navigate(target, { 'sec-fetch-site': 'same-origin' })
  const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state')
  user.cookies.delete(SESSION)
  await user.navigate(`/bff/callback?code=c&state=${state}`, CROSS_SITE)
  const ended = await store.sessions.get(alice.slice(0, 16) as SessionHandle)
  expect(ended?.revocation?.reasonCode).toBe('replaced_by_login')
})

test('a link on another site begins at once where the session cookie is there or Lax', async () => {
  const strict = world().browser()
  await strict.signIn()
  const lax = world({ cookie: { sameSite: 'lax' } }).browser()
  for (const user of [strict, lax]) expect((await user.navigate('/bff/login', CROSS_SITE)).status).toBe(303)
})

test('where nobody says that the navigation began here, the page is opened from our own origin [BFF-26]', async () => {
  const { browser } = world()
  const user = browser()
  const outcome = async (headers: Record<string, string>) => {
    const state = await user.startSignIn()
    const { 'sec-fetch-site': site = '', ...others } = headers
    const view = user.view('GET', `/bff/callback?code=c&state=${state}`)
    const sent: Record<string, string> = { accept: 'text/html', ...user.cookieHeader, ...others }
    if (site !== '') sent['sec-fetch-site'] = site
    return (await user.send({ ...view, header: (name) => sent[name] })).status
  }
  const sites = ['', 'cross-site', 'same-site', 'same-origin', 'none']
  expect(await Promise.all(sites.map((site) => outcome({ 'sec-fetch-site': site })))).toEqual([
    200, 200, 303, 303, 303,
  ])
})
