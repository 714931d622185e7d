import { expect, test } from 'vitest'
import { claimValues } from '../src/index.ts'
import { claimsOf, FakeBrowser } from './fake-browser.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SESSION = 'GET /bff/session?slide=false'
const USER = 'GET /bff/user?slide=false'

async function signedIn(options = {}) {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const tab = await browser.load(options)
  expect(tab.session.status).toBe('signed-in')
  browser.calls.length = 0
  tab.events.length = 0
  return { browser, tab, server: browser.server, time: browser.time }
}

test('nothing is asked before someone listens; then who is signed in, and what about them', async () => {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const tab = browser.open()
  await browser.time.pass(HOUR)
  expect([tab.session, browser.calls, browser.openChannels]).toEqual([
    { status: 'unknown', error: null },
    [],
    0,
  ])
  tab.listen()
  await browser.time.pass(100)
  expect(browser.calls).toEqual([SESSION, USER])
  expect(browser.requests.map(({ headers, init }) => [headers.get('x-csrf'), init?.cache])).toEqual([
    ['1', 'no-store'],
    ['1', 'no-store'],
  ])
  expect(tab.session).toEqual({
    status: 'signed-in',
    userId: 'alice',
    organizationId: null,
    claims: claimsOf('alice'),
    metadata: {},
    expiresAt: expect.closeTo(browser.server.session?.endsAt ?? 0, -3),
    expiring: false,
    accessTokenExpiresAt: browser.server.session?.accessTokenEndsAt,
    error: null,
  })
  expect(tab.types).toEqual(['signed-in'])
  expect(claimValues(tab.session, 'role')).toEqual(['buyer', 'admin'])
  expect(claimValues(tab.session, 'email')).toEqual([])
})

test('the metadata that the BFF shows is in the state, and is news only when it has changed', async () => {
  const { tab, server, time } = await signedIn()
  if (server.session === null) throw new Error('Nobody is signed in.')
  const refetch = () => Promise.all([tab.client.refetch(), time.pass(100)])
  server.session.metadata = { plan: 'pro', seats: [1, 2] }
  await refetch()
  expect(tab.session).toMatchObject({ metadata: { plan: 'pro', seats: [1, 2] } })
  expect(tab.types).toEqual(['changed'])
  const before = tab.session
  server.session.metadata = { plan: 'pro', seats: [1, 2] }
  await refetch()
  expect(tab.session).toBe(before)
  server.session.metadata = { plan: 'free', seats: [1, 2] }
  await refetch()
  expect(tab.session).toMatchObject({ metadata: { plan: 'free' } })
  expect(tab.types).toEqual(['changed', 'changed'])
  expect(Object.isFrozen('metadata' in tab.session && tab.session.metadata)).toBe(true)
})

test('nobody signed in is an answer: one question, no claims, no reason', async () => {
  const browser = new FakeBrowser()
  const tab = await browser.load()
  expect(browser.calls).toEqual([SESSION])
  expect(tab.session).toEqual({ status: 'signed-out', reason: null, error: null })
  expect(claimValues(tab.session, 'role')).toEqual([])
})

test('an organization, and an access token whose end nobody knows', async () => {
  const browser = new FakeBrowser()
  browser.server.api.set('/bff/session', () =>
    Response.json({ authenticated: true, user_id: 'bob', organization_id: 'org-1', expires_in: 60 }),
  )
  const tab = await browser.load({ claims: false })
  expect(tab.session).toMatchObject({
    userId: 'bob',
    organizationId: 'org-1',
    accessTokenExpiresAt: null,
  })
})

test('an outage is not a sign-out: the state stays, says why, and mends by itself', async () => {
  const { browser, tab, server, time } = await signedIn()
  server.trouble = { code: 'store_unavailable', status: 503, retryAfter: 1 }
  tab.focus()
  await time.pass(100)
  expect(tab.session).toMatchObject({ status: 'signed-in', userId: 'alice', error: 'store_unavailable' })
  server.trouble = 'network'
  await time.pass(7_000)
  expect(tab.session).toMatchObject({ status: 'signed-in', error: 'unreachable' })
  server.trouble = null
  await time.pass(13_000)
  expect(tab.session).toMatchObject({ status: 'signed-in', error: null })
  expect(tab.types).toEqual(['changed', 'changed', 'changed'])
  expect(browser.calls).toEqual([SESSION, SESSION, SESSION])
})

test.each([
  ['no network', 'network', 'unreachable'],
  ['the store is down', { code: 'store_unavailable', status: 503 }, 'store_unavailable'],
  ['the page of a proxy', new Response('<h1>Log in to the hotel</h1>'), 'unexpected_answer'],
  ['JSON of somebody else', Response.json({ ok: true }), 'unexpected_answer'],
  ['an error page', new Response('Bad gateway', { status: 502 }), 'unexpected_answer'],
  ['a refused request', { code: 'csrf_violation', status: 403 }, 'csrf_violation'],
] as const)('without an answer at the start nothing is known: %s', async (_case, trouble, error) => {
  const browser = new FakeBrowser()
  browser.server.trouble = trouble
  const tab = await browser.load()
  expect(tab.session).toEqual({ status: 'unknown', error })
  browser.server.trouble = null
  await browser.time.pass(7_000)
  expect(tab.session).toEqual({ status: 'signed-out', reason: null, error: null })
})

test('a connection that stays silent is given up after 30 seconds, and the client asks again', async () => {
  const { browser, tab, server, time } = await signedIn()
  server.trouble = 'silence'
  tab.focus()
  await time.pass(29_000)
  expect(tab.session.error).toBeNull()
  await time.pass(2_000)
  expect(tab.session).toMatchObject({ status: 'signed-in', error: 'unreachable' })
  const failed = expect(tab.client.signOut()).rejects.toMatchObject({ code: 'unreachable' })
  await Promise.all([failed, time.pass(31_000)])
  server.trouble = null
  await time.pass(60_000)
  expect(tab.session).toMatchObject({ status: 'signed-in', error: null })
  expect(browser.calls.filter((call) => call === SESSION).length).toBeGreaterThan(1)
})

test('a server that does not answer is asked ever less often, not before it says, and not by a page nobody sees', async () => {
  const { browser, tab, server, time } = await signedIn()
  const asked = async (ms: number) => {
    browser.calls.length = 0
    await time.pass(ms)
    return browser.calls.length
  }
  server.trouble = { code: 'store_unavailable', status: 503, retryAfter: 1 }
  tab.focus()
  expect(await asked(4_900)).toBe(0)
  // After 5, 10, 20, 40 and then every 60 seconds, each up to a quarter longer.
  expect(await asked(95_000)).toBe(4)
  expect(await asked(600_000)).toBeGreaterThanOrEqual(8)
  expect(await asked(600_000)).toBeLessThanOrEqual(10)
  server.trouble = { code: 'provider_unavailable', status: 503, retryAfter: 300 }
  await time.pass(90_000)
  expect(await asked(200_000)).toBe(0)
  tab.visible = false
  await time.pass(200_000)
  expect(await asked(600_000)).toBe(0)
})

test('a session whose end passes without a word of the server is unknown, neither alive nor signed out', async () => {
  const { tab, server, time } = await signedIn()
  server.trouble = 'network'
  await time.pass(8 * HOUR - MINUTE)
  expect(tab.session).toMatchObject({ status: 'signed-in', expiring: true, error: 'unreachable' })
  await time.pass(2 * MINUTE)
  expect(tab.session).toEqual({ status: 'unknown', error: 'unreachable' })
})

test('a look at the page asks once, and what stays the same is told to nobody', async () => {
  const { browser, tab, time } = await signedIn()
  const before = tab.session
  tab.focus()
  tab.focus()
  await time.pass(100)
  tab.focus()
  await time.pass(100)
  expect(browser.calls).toEqual([SESSION, SESSION])
  expect(tab.session).toBe(before)
  expect(tab.events).toEqual([])
})

test('refetch is not content with an answer to an earlier question', async () => {
  const { browser, tab, server, time } = await signedIn()
  const delays = [10, 500]
  browser.delay = () => delays.shift() ?? 10
  tab.focus()
  await time.pass(50)
  server.session = null
  const [session] = await Promise.all([tab.client.refetch(), time.pass(1_000)])
  expect(session).toEqual({ status: 'signed-out', reason: 'invalid_session', error: null })
  expect(tab.types).toEqual(['signed-out'])
})

test('what ended elsewhere is noticed on focus; before its time it was ended, after it it has expired', async () => {
  const { tab, server, time } = await signedIn()
  server.session = null
  tab.focus()
  await time.pass(100)
  expect(tab.events).toEqual([{ type: 'signed-out', session: tab.session }])
  expect(tab.session).toEqual({ status: 'signed-out', reason: 'invalid_session', error: null })

  const other = await signedIn()
  await other.time.pass(8 * HOUR + 2_000)
  expect(other.tab.session).toEqual({ status: 'signed-out', reason: 'session_expired', error: null })
})

test('a visible page asks every minute and a hidden one does not; neither keeps the session awake', async () => {
  const { browser, tab, server, time } = await signedIn()
  const endsAt = server.session?.endsAt
  await time.pass(10 * MINUTE + 1_000)
  expect(browser.calls).toEqual(Array(10).fill(SESSION))
  tab.visible = false
  await time.pass(2 * MINUTE)
  browser.calls.length = 0
  await time.pass(HOUR)
  expect(browser.calls).toEqual([])
  expect(server.session?.endsAt).toBe(endsAt)

  const silent = await signedIn({ pollMs: 0 })
  await silent.time.pass(HOUR)
  expect(silent.browser.calls).toEqual([])
})

test('claims are asked for again when tokens were refreshed or somebody else signed in, and only then', async () => {
  const { browser, tab, server, time } = await signedIn()
  if (server.session !== null) server.session.accessTokenEndsAt += 300_000
  tab.focus()
  await time.pass(100)
  expect(browser.calls).toEqual([SESSION, USER])
  browser.signInAs('bob')
  tab.focus()
  await time.pass(100)
  expect(browser.calls).toEqual([SESSION, USER, SESSION, USER])
  expect(tab.session).toMatchObject({ userId: 'bob', claims: claimsOf('bob') })
  expect(tab.types).toEqual(['changed', 'signed-in'])
})

test('a session that ends between the two questions is over', async () => {
  const { browser, tab, server, time } = await signedIn()
  browser.signInAs('bob')
  browser.server.api.set('/bff/user', () =>
    Response.json({ error: 'invalid_session', message: 'Over.' }, { status: 401 }),
  )
  tab.focus()
  await time.pass(100)
  expect(server.session).not.toBe(null)
  expect(tab.session).toEqual({ status: 'signed-out', reason: 'invalid_session', error: null })
})

test('the page put away for the back button knows nothing, asks nothing, and asks anew when taken out', async () => {
  const { browser, tab, server, time } = await signedIn()
  tab.focus()
  tab.putAway()
  expect(tab.session).toEqual({ status: 'unknown', error: null })
  expect(browser.openChannels).toBe(0)
  server.session = null
  await time.pass(100)
  tab.takeOut()
  await time.pass(100)
  expect(tab.session).toEqual({ status: 'signed-out', reason: null, error: null })
  expect(browser.openChannels).toBe(1)
})

test('listeners that come and go, as in StrictMode, ask once and leave nothing behind', async () => {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const tab = browser.open()
  tab.listen()()
  const leave = tab.listen()
  await browser.time.pass(100)
  expect(browser.calls).toEqual([SESSION, USER])
  expect(tab.types).toEqual(['signed-in'])
  leave()
  leave()
  expect([browser.openChannels, browser.time.pending]).toEqual([0, 0])
  tab.focus()
  await browser.time.pass(HOUR)
  expect(browser.calls).toHaveLength(2)
})

test('close ends it all, an answer on its way included', async () => {
  const { browser, tab, server, time } = await signedIn()
  const before = tab.session
  server.session = null
  tab.focus()
  tab.client.close()
  await time.pass(HOUR)
  tab.listen()
  await time.pass(HOUR)
  expect(tab.session).toBe(before)
  expect(tab.events).toEqual([])
  expect([browser.openChannels, browser.calls]).toEqual([0, [SESSION]])
})

test('a listener that throws keeps no other from hearing', async () => {
  const { tab, server, time } = await signedIn()
  const reported: unknown[] = []
  const report = (error: unknown) => void reported.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', report)
  tab.client.subscribe(() => {
    throw new Error('Mine.')
  })
  const heard: string[] = []
  tab.client.subscribe(({ type }) => heard.push(type))
  server.session = null
  tab.focus()
  await time.pass(100)
  process.off('uncaughtException', report)
  for (const listener of others) process.on('uncaughtException', listener)
  expect(heard).toEqual(['signed-out'])
  expect(reported).toEqual([new Error('Mine.')])
})

test('a session of a month is too long for a timer, and warned of all the same', async () => {
  const browser = new FakeBrowser()
  browser.server.idleMs = 30 * 24 * HOUR
  browser.signInAs('alice')
  const tab = await browser.load({ pollMs: 0 })
  await browser.time.pass(30 * 24 * HOUR - 3 * MINUTE)
  expect(tab.session).toMatchObject({ status: 'signed-in', expiring: false })
  await browser.time.pass(MINUTE)
  expect(tab.session).toMatchObject({ status: 'signed-in', expiring: true })
})

test.each(['device_unproven', 'device_required'])(
  'a session that is refused to this browser is signed out, and the reason says %s',
  async (error) => {
    const browser = new FakeBrowser()
    browser.server.api.set('/bff/session', () => Response.json({ authenticated: false, error }))
    const tab = await browser.load()
    expect(tab.session).toEqual({ status: 'signed-out', reason: error, error: null })
    expect(browser.calls).toEqual([SESSION])
  },
)
