import { expect, test } from 'vitest'
import { FakeBrowser } from './fake-browser.ts'

const MINUTE = 60_000

/** Signed in for half an hour. */
async function signedIn(options = {}, aheadMs = 0) {
  const browser = new FakeBrowser()
  browser.aheadMs = aheadMs
  browser.server.idleMs = 30 * MINUTE
  browser.signInAs('alice')
  const tab = await browser.load(options)
  browser.calls.length = 0
  tab.events.length = 0
  return { browser, tab, server: browser.server, time: browser.time }
}

test('warns once, two minutes before the end, and says when that is', async () => {
  const { tab, server, time } = await signedIn()
  await time.pass(27.5 * MINUTE)
  expect(tab.events).toEqual([])
  await time.pass(MINUTE)
  expect(tab.types).toEqual(['expiring'])
  expect(tab.session).toMatchObject({
    status: 'signed-in',
    expiring: true,
    expiresAt: expect.closeTo(server.session?.endsAt ?? 0, -3.5),
  })
  await time.pass(MINUTE)
  expect(tab.types).toEqual(['expiring'])
  await time.pass(MINUTE)
  expect(tab.types).toEqual(['expiring', 'signed-out'])
  expect(tab.session).toMatchObject({ reason: 'session_expired' })
})

test('a hidden page is warned too, without a poll', async () => {
  const { browser, tab, time } = await signedIn({ warnBeforeMs: 10 * MINUTE, pollMs: 0 })
  tab.visible = false
  await time.pass(19 * MINUTE)
  expect(browser.calls).toEqual([])
  await time.pass(2 * MINUTE)
  expect(tab.types).toEqual(['expiring'])
})

test('a session another tab has kept awake is not about to end', async () => {
  const { tab, server, time } = await signedIn({ pollMs: 0 })
  await time.pass(20 * MINUTE)
  if (server.session !== null) server.session.endsAt = time.now + server.idleMs
  await time.pass(9 * MINUTE)
  expect(tab.types).toEqual(['changed'])
  await time.pass(20 * MINUTE)
  expect(tab.types).toEqual(['changed', 'expiring'])
})

test('keepAlive takes the warning back; one who is signed out hears that instead', async () => {
  const { browser, tab, server, time } = await signedIn()
  await time.pass(29 * MINUTE)
  browser.calls.length = 0
  const [kept] = await Promise.all([tab.client.keepAlive(), time.pass(100)])
  expect(browser.calls).toEqual(['GET /bff/session', 'GET /bff/session?slide=false'])
  expect(kept).toBe(tab.session)
  expect(kept).toMatchObject({
    expiring: false,
    expiresAt: expect.closeTo(time.now + 30 * MINUTE, -3),
  })
  expect(tab.types).toEqual(['expiring', 'changed'])

  server.session = null
  await Promise.all([tab.client.keepAlive(), time.pass(100)])
  expect(tab.session.status).toBe('signed-out')

  server.trouble = 'network'
  const failed = expect(tab.client.keepAlive()).rejects.toMatchObject({ code: 'unreachable' })
  await Promise.all([failed, time.pass(100)])
})

test.each([-3, 3])('a browser whose clock is %i hours wrong warns at the right moment', async (hours) => {
  const { tab, time } = await signedIn({}, hours * 60 * MINUTE)
  await time.pass(27.5 * MINUTE)
  expect(tab.types).toEqual([])
  await time.pass(MINUTE)
  expect(tab.types).toEqual(['expiring'])
  await time.pass(2 * MINUTE)
  expect(tab.session).toMatchObject({ status: 'signed-out', reason: 'session_expired' })
})

test('ends that differ by a rounding only never make the client ask and ask', async () => {
  const { browser, tab, server, time } = await signedIn({ pollMs: 0 })
  await time.pass(27 * MINUTE)
  // Each answer moves the end by less than is news, so that the moment to warn stays in the past.
  server.api.set('/bff/session', () =>
    Response.json({ authenticated: true, user_id: 'alice', expires_in: 121.5 }),
  )
  browser.calls.length = 0
  await time.pass(MINUTE + 30_000)
  expect(tab.session).toMatchObject({ status: 'signed-in', expiring: false })
  expect(browser.calls.filter((call) => call.includes('/session')).length).toBeLessThanOrEqual(65)
})

test('near the end the server is asked at most once a second', async () => {
  const { browser, server, time } = await signedIn({ pollMs: 0 })
  await time.pass(29 * MINUTE)
  browser.calls.length = 0
  // A server that counts its session a little longer than it says.
  server.api.set('/bff/session', () =>
    Response.json({ authenticated: true, user_id: 'alice', expires_in: 0 }),
  )
  await time.pass(2 * MINUTE)
  expect(browser.calls.filter((call) => call.includes('session')).length).toBeLessThanOrEqual(65)
})
