import { testOptions } from '@bff/test-support/options'
import { expect, test } from 'vitest'
import { type BffClientOptions, claimValues, createBffClient } from '../src/index.ts'
import { FakeBrowser } from './fake-browser.ts'

const MINUTE = 60_000

/** A page with these options, whose user alice is signed in for half an hour. */
async function signedIn(options: BffClientOptions) {
  const browser = new FakeBrowser()
  browser.server.idleMs = 30 * MINUTE
  browser.signInAs('alice')
  browser.server.api.set('/api/orders', () => Response.json(['book']))
  const tab = await browser.load(options)
  const done = async <T>(work: Promise<T>): Promise<T> =>
    (await Promise.all([work, browser.time.pass(100)]))[0]
  return { browser, tab, done }
}

testOptions<BffClientOptions>('BffClientOptions', {
  basePath: {
    set: '/shop/bff',
    async see(options) {
      const { browser, tab, done } = await signedIn(options)
      tab.client.signIn({ returnTo: '/' })
      await done(tab.client.signOut())
      return [...browser.calls, ...tab.visited]
    },
    shows: [
      [
        'GET /bff/session?slide=false',
        'GET /bff/user?slide=false',
        'POST /bff/logout',
        '/bff/login?returnTo=%2F',
      ],
      [
        'GET /shop/bff/session?slide=false',
        'GET /shop/bff/user?slide=false',
        'POST /shop/bff/logout',
        '/shop/bff/login?returnTo=%2F',
      ],
    ],
  },
  csrf: {
    set: { headerName: 'x-app', headerValue: 'yes' },
    async see(options) {
      const { browser, tab, done } = await signedIn({ claims: false, ...options })
      await done(tab.client.fetch('/api/orders'))
      return browser.requests.map(({ headers }) => [...headers])
    },
    shows: [
      [[['x-csrf', '1']], [['x-csrf', '1']]],
      [[['x-app', 'yes']], [['x-app', 'yes']]],
    ],
  },
  embedded: {
    set: true,
    async see(options) {
      const { tab, done } = await signedIn(options)
      tab.framed = true
      void tab.client.signInWithPopup()
      await done(Promise.resolve())
      return tab.windows.map(({ url }) => url)
    },
    shows: [['/bff/login?returnTo=%2Fbff%2Fpopup'], ['/bff/embedded?challenge=challenge']],
  },
  stepUp: {
    set: 'popup',
    async see(options) {
      const { browser, tab, done } = await signedIn(options)
      browser.server.api.set('/api/transfer', () =>
        Response.json({ error: 'insufficient_user_authentication', acr_values: 'mfa' }, { status: 401 }),
      )
      void tab.client.fetch('/api/transfer')
      await done(Promise.resolve())
      return tab.windows.map(({ url }) => url)
    },
    shows: [[], ['/bff/login?returnTo=%2Fbff%2Fpopup&acr_values=mfa']],
  },
  claims: {
    set: false,
    see: async (options) => claimValues((await signedIn(options)).tab.session, 'role'),
    shows: [['buyer', 'admin'], []],
  },
  pollMs: {
    set: 10_000,
    // How often the server is asked in just under ten seconds, and in the second after that.
    async see(options) {
      const { browser } = await signedIn({ claims: false, ...options })
      const asked: number[] = []
      for (const ms of [9_900, 1_000]) {
        browser.calls.length = 0
        await browser.time.pass(ms)
        asked.push(browser.calls.length)
      }
      return asked
    },
    shows: [
      [0, 0],
      [0, 1],
    ],
  },
  warnBeforeMs: {
    set: 10 * MINUTE,
    async see(options) {
      const { browser, tab } = await signedIn({ pollMs: 0, ...options })
      await browser.time.pass(20 * MINUTE - 1_000)
      const before = [...tab.types]
      await browser.time.pass(2_000)
      return [before, tab.types]
    },
    shows: [
      [['signed-in'], ['signed-in']],
      [['signed-in'], ['signed-in', 'expiring']],
    ],
  },
  initialSession: {
    set: { status: 'signed-out', reason: null, error: null },
    see: async (options) => (await signedIn(options)).browser.calls,
    shows: [['GET /bff/session?slide=false', 'GET /bff/user?slide=false'], []],
  },
  fetch: {
    set: async () => Response.json({ authenticated: false }),
    async see(options) {
      const { browser, tab, done } = await signedIn(options)
      const response = await done(tab.client.fetch('/api/orders'))
      return [tab.session.status, await response.json(), browser.calls.length]
    },
    shows: [
      ['signed-in', ['book'], 3],
      ['signed-out', { authenticated: false }, 0],
    ],
  },
})

test('an option that does not exist is refused with the names of those that do', () => {
  const wrong = { pollsMs: 1_000 } as BffClientOptions
  expect(() => createBffClient(wrong)).toThrowError(
    'Unknown option pollsMs of createBffClient. Known options are: basePath, csrf, claims, pollMs, warnBeforeMs, stepUp, embedded, initialSession, fetch.',
  )
  const nested = { csrf: { header: 'x-csrf' } } as BffClientOptions
  expect(() => createBffClient(nested)).toThrowError('Unknown option header of csrf.')
})

test('a BFF at the root is asked at paths with one slash, which are no host', async () => {
  const { browser, tab, done } = await signedIn({ basePath: '/' })
  tab.client.signIn({ returnTo: '/' })
  await done(tab.client.signOut())
  expect([...browser.calls, ...tab.visited]).toEqual([
    'GET /session?slide=false',
    'GET /user?slide=false',
    'POST /logout',
    '/login?returnTo=%2F',
  ])
})
