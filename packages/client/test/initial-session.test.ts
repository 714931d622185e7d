import { expect, test } from 'vitest'
import type { SessionState } from '../src/index.ts'
import { FakeBrowser } from './fake-browser.ts'

const SESSION = 'GET /bff/session?slide=false'
const SIGNED_OUT: SessionState = { status: 'signed-out', reason: null, error: null }

/** A server that renders a page: it asks with a client of its own. */
async function rendered(browser: FakeBrowser): Promise<SessionState> {
  const { client } = browser.open()
  const [session] = await Promise.all([client.refetch(), browser.time.pass(100)])
  browser.calls.length = 0
  return session
}

test('A page starts with the state its server has rendered, and asks at the next poll', async () => {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const initialSession = await rendered(browser)
  const tab = browser.open({ initialSession })
  expect(tab.session).toEqual(initialSession)
  expect(tab.client.initialSession).toBe(tab.session)
  tab.listen()
  await browser.time.pass(59_000)
  expect([browser.calls, tab.types]).toEqual([[], []])
  await browser.time.pass(2_000)
  expect(browser.calls).toEqual([SESSION])
})

test('A page that its server has rendered signed out learns of a sign-in when the user returns to it', async () => {
  const browser = new FakeBrowser()
  const tab = browser.open({ initialSession: await rendered(browser) })
  tab.listen()
  browser.signInAs('alice')
  tab.focus()
  await browser.time.pass(100)
  expect(tab.types).toEqual(['signed-in'])
  expect(tab.client.initialSession).toEqual(SIGNED_OUT)
})

test('A page asks when its server could not say who is signed in', async () => {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  browser.server.trouble = { code: 'store_unavailable', status: 503 }
  const initialSession = await rendered(browser)
  expect(initialSession).toEqual({ status: 'unknown', error: 'store_unavailable' })
  browser.server.trouble = null
  const tab = await browser.load({ initialSession })
  expect(tab.session).toMatchObject({ status: 'signed-in', userId: 'alice' })
})

test('A page that listens again later asks: what its server has rendered is old by then', async () => {
  const browser = new FakeBrowser()
  const tab = browser.open({ initialSession: await rendered(browser) })
  tab.listen()()
  tab.listen()
  await browser.time.pass(100)
  expect(browser.calls).toEqual([SESSION])
})

test('The other tabs learn of a sign-in from the page that a server has rendered after it', async () => {
  const browser = new FakeBrowser()
  const other = await browser.load()
  browser.signInAs('alice')
  const initialSession = await rendered(browser)
  browser.messages.length = 0
  browser.open({ initialSession }).listen()
  await browser.time.pass(100)
  expect(other.session).toMatchObject({ status: 'signed-in', userId: 'alice' })
  expect(browser.messages[0]).toEqual({ identity: 'alice' })
})

test('An old page that its server has rendered signed out signs no other tab out', async () => {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const other = await browser.load()
  browser.open({ initialSession: SIGNED_OUT }).listen()
  await browser.time.pass(100)
  expect(other.session).toMatchObject({ status: 'signed-in', userId: 'alice' })
})
