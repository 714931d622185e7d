import { rateLimit } from '@bff/core/rate-limit'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { callFromPage } from '@bff/test-support/demo'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSignedCertificate } from '../src/certificate.ts'
import { type BoundSite, type BoundSiteOptions, boundSite } from './support/bound-site.ts'

const MINUTE = 60_000
const [SESSION, BOUND] = ['__Host-Http-bff', '__Host-bff-device']
const certificate = selfSignedCertificate()
const TRUSTED = `--ignore-certificate-errors-spki-list=${certificate.spki}`
const SOFTWARE_KEYS = 'EnableBoundSessionCredentialsSoftwareKeysForManualTesting'

/** Binds sessions and signs as often as a test likes; with the browser's own quota; and a browser that cannot bind. */
let browser: Browser
let thrifty: Browser
let unable: Browser

beforeAll(async () => {
  const binding = (features: string) => [TRUSTED, `--enable-features=${features},${SOFTWARE_KEYS}`]
  browser = await launchChromium(binding('DeviceBoundSessions:RefreshQuota/false'))
  thrifty = await launchChromium(binding('DeviceBoundSessions'))
  unable = await launchChromium([TRUSTED])
})
afterAll(() => Promise.all([browser?.close(), thrifty?.close(), unable?.close()]))

/** A person with one tab, on a site of their own. */
interface Visit {
  readonly site: BoundSite
  readonly context: BrowserContext
  readonly page: Page
  readonly devtools: CDPSession
  /** What the browser said about bindings, as kind and result. */
  readonly said: readonly string[]
}

async function visit(options: BoundSiteOptions = {}, by = browser): Promise<Visit> {
  const site = await boundSite(certificate, options)
  const context = await newContext(by)
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const said: string[] = []
  const command = devtools.send.bind(devtools) as (name: string, given: object) => Promise<unknown>
  await command('Network.enable', {})
  await command('Network.enableDeviceBoundSessions', { enable: true })
  const listen = devtools.on.bind(devtools) as (name: string, listener: (event: Told) => void) => void
  listen('Network.deviceBoundSessionEventOccurred', (event) => {
    const kind = Object.keys(event).find((name) => name.endsWith('Details')) ?? ''
    const details = event[kind as 'creationEventDetails']
    said.push(`${kind}: ${details?.fetchResult ?? details?.refreshResult ?? ''}`)
  })
  return { site, context, page, devtools, said }
}

interface Told {
  readonly creationEventDetails?: { readonly fetchResult?: string; readonly refreshResult?: string }
}

async function signIn({ page, site }: Visit, user = 'alice', shows = true): Promise<void> {
  await page.goto(`${site.origin}/bff/login`)
  if (shows) await page.getByRole('link', { name: user, exact: true }).click()
  await page.getByRole('heading', { name: `Hello, ${user}` }).waitFor()
}

const cookieOf = async ({ context }: Visit, name: string) =>
  (await context.cookies()).find((cookie) => cookie.name === name)?.value

/** Waits until the browser has the bound cookie of its session. */
const bound = (visited: Visit) =>
  expect.poll(() => cookieOf(visited, BOUND), { timeout: 30_000 }).toBeDefined()

async function signInBound(visited: Visit, user = 'alice', shows = true): Promise<void> {
  await signIn(visited, user, shows)
  await bound(visited)
}

/** What ten minutes do: the browser forgets the bound cookie, and the server takes it no more. */
async function expire({ site, devtools }: Visit, ms = 11 * MINUTE): Promise<void> {
  site.advance(ms)
  await devtools.send('Network.deleteCookies', { name: BOUND, url: site.origin })
}

const status = async ({ page }: Visit, path = '/bff/user') => (await callFromPage(page, path)).status
const errorOf = async ({ page }: Visit, path = '/bff/user') =>
  JSON.parse((await callFromPage(page, path)).text).error
const refreshes = ({ site }: Visit) =>
  site.seen.filter(({ path, hasProof }) => path.startsWith('/bff/device/refresh/') && hasProof)
const ofType = ({ site }: Visit, type: string) => site.events.filter((event) => event.type === type)

describe('sign-in', () => {
  it.each([
    ['Strict, after a page of the provider', { sameSite: 'strict', isSignedIn: false }],
    ['Strict, after a redirect', { sameSite: 'strict', isSignedIn: true }],
    ['Lax, after a page of the provider', { sameSite: 'lax', isSignedIn: false }],
  ] as const)('registers at once: %s', async (_name, options) => {
    const visited = await visit(options)
    await signInBound(visited, 'alice', !options.isSignedIn)
    expect(ofType(visited, 'device.bound')).toHaveLength(1)
    expect(visited.said).toContain('creationEventDetails: Success')
    // A cookie that differs from the rules would be refreshed at every request.
    expect([await status(visited), await status(visited)]).toEqual([200, 200])
    expect(refreshes(visited)).toEqual([])
  })

  it('binds again after a sign-out, and after a sign-in over a live session', async () => {
    const visited = await visit()
    await signInBound(visited)
    expect(
      await visited.page.evaluate(() =>
        fetch('/bff/logout', { method: 'POST', headers: { 'x-csrf': '1' } }).then((reply) => reply.status),
      ),
    ).toBe(200)
    await signInBound(visited, 'bob')
    await expect.poll(() => ofType(visited, 'device.bound').length).toBe(2)
    await expire(visited)
    expect(await status(visited)).toBe(200)
    await signIn(visited, 'alice')
    await expect.poll(() => ofType(visited, 'device.bound').length).toBe(3)
    await expire(visited)
    expect(await status(visited)).toBe(200)
    expect(ofType(visited, 'device.unproven')).toEqual([])
    expect(ofType(visited, 'device.theft')).toEqual([])
  })

  it('refuses no request that is under way while the registration is', async () => {
    const script = `window.answers = (async () => {
      const statuses = []
      for (let round = 0; round < 30; round++) {
        const ten = Array.from({ length: 5 }, () => fetch('/bff/user', { headers: { 'x-csrf': '1' } }))
        statuses.push(...(await Promise.all(ten)).map((reply) => reply.status))
      }
      return statuses
    })()`
    const visited = await visit({ script })
    await signInBound(visited)
    const statuses = await visited.page.evaluate(() => (window as unknown as { answers: number[] }).answers)
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})

describe('an expired proof', () => {
  it.each<[string, (page: Page) => Promise<unknown>, unknown]>([
    [
      'a navigation',
      async (page) => {
        await page.goto(`${new URL(page.url()).origin}/page`)
        return page.locator('h1').textContent()
      },
      'Hello, alice',
    ],
    [
      'a POST with its body',
      (page) =>
        page.evaluate(() =>
          fetch('/api/echo', { method: 'POST', body: 'x'.repeat(9_000), headers: { 'x-csrf': '1' } })
            .then((reply) => reply.text())
            .then((text) => text.length),
        ),
      9_000,
    ],
    [
      'an EventSource',
      (page) =>
        page.evaluate(
          () =>
            new Promise((resolve) => {
              const source = new EventSource('/api/events')
              source.onmessage = ({ data }) => {
                source.close()
                resolve(data)
              }
              source.onerror = () => resolve('error')
            }),
        ),
      'hello',
    ],
    [
      'a WebSocket',
      (page) =>
        page.evaluate(
          () =>
            new Promise((resolve) => {
              const socket = new WebSocket(`wss://${location.host}/api/live`)
              socket.onopen = () => resolve('open')
              socket.onerror = () => resolve('error')
            }),
        ),
      'open',
    ],
    [
      'a worker and its fetch',
      (page) =>
        page.evaluate(
          () =>
            new Promise((resolve) => {
              new Worker('/worker.js').onmessage = ({ data }) => resolve(data)
            }),
        ),
      200,
    ],
    [
      'ten requests at once',
      (page) =>
        page.evaluate(() =>
          Promise.all(
            Array.from({ length: 10 }, () => fetch('/bff/user', { headers: { 'x-csrf': '1' } })),
          ).then((replies) => [...new Set(replies.map((reply) => reply.status))].join()),
        ),
      '200',
    ],
  ])('is refreshed once before %s', async (_name, act, result) => {
    const visited = await visit()
    await signInBound(visited)
    await expire(visited)
    expect(await act(visited.page)).toBe(result)
    expect(refreshes(visited)).toHaveLength(1)
    expect(ofType(visited, 'device.unproven')).toEqual([])
  })

  it('is refreshed after a rotation of the session', async () => {
    const visited = await visit()
    await signInBound(visited)
    for (let round = 1; round <= 3; round++) {
      expect(
        await visited.page.evaluate(() =>
          fetch('/rotate', { method: 'POST', headers: { 'x-csrf': '1' } }).then((reply) => reply.status),
        ),
      ).toBe(204)
      await expire(visited)
      expect(await status(visited)).toBe(200)
      expect(refreshes(visited)).toHaveLength(round)
    }
  })

  it.each([
    ['signs in at the second request', {}, 'Nobody'],
    ['signs in at once from a named site', { refreshInitiators: ['127.0.0.1'] }, 'Hello, alice'],
  ])('behind a link on another site, with SameSite=Lax, %s', async (_name, binding, heading) => {
    const visited = await visit({ sameSite: 'lax', binding })
    await signInBound(visited)
    await expire(visited)
    await visited.page.goto(`${visited.site.elsewhere}/links`)
    await visited.page.getByRole('link', { name: 'page' }).click()
    await visited.page.waitForURL(`${visited.site.origin}/page`)
    expect(await visited.page.locator('h1').textContent()).toBe(heading)
    expect(await status(visited)).toBe(200)
  })

  it('is no sign-out while the store fails, and is refreshed once it is back', async () => {
    const visited = await visit()
    await signInBound(visited)
    await expire(visited)
    visited.site.cannotRefresh = true
    expect(await errorOf(visited)).toBe('device_busy')
    visited.site.cannotRefresh = false
    await expect.poll(() => status(visited), { timeout: 30_000 }).toBe(200)
    expect(await cookieOf(visited, SESSION)).toBeDefined()
  })

  it('is no sign-out when the browser may not sign any more', async () => {
    const visited = await visit({}, thrifty)
    await signInBound(visited)
    const codes: number[] = []
    for (let round = 0; round < 6; round++) {
      await expire(visited)
      codes.push(await status(visited))
    }
    expect(codes).toEqual([200, 200, 200, 200, 200, 503])
    expect(await errorOf(visited)).toBe('device_busy')
  })

  it('is refreshed behind a tight rateLimit()', async () => {
    const visited = await visit({ plugins: [rateLimit({ requestsPerMinute: 1, burst: 1 })] })
    await signInBound(visited)
    for (let round = 0; round < 12; round++) {
      await expire(visited)
      expect(await status(visited, '/api/echo')).toBe(200)
    }
  })
})

describe('a thief', () => {
  it('with the whole cookie jar is refused within the life of a proof, and the owner notices nothing', async () => {
    const visited = await visit()
    await signInBound(visited)
    const stolen = await visited.context.cookies()
    const thief = { ...visited, context: await newContext(browser) }
    await thief.context.addCookies(stolen)
    const page = await thief.context.newPage()
    const theirs = { ...thief, page }
    await page.goto(`${visited.site.origin}/page`)
    visited.site.advance(5 * MINUTE)
    expect(await status(theirs)).toBe(200)

    await expire(visited, 6 * MINUTE)
    expect([await status(theirs), await errorOf(theirs)]).toEqual([401, 'device_unproven'])
    expect(await cookieOf(theirs, SESSION)).toBeDefined()
    expect(ofType(visited, 'device.unproven')[0]).toMatchObject({
      userId: 'alice',
      reason: 'expired',
      ipAddress: expect.stringMatching(/127\.0\.0\.1|::1/),
      userAgent: expect.stringContaining('Chrome'),
    })
    expect(await status(visited)).toBe(200)
    expect(await status(theirs)).toBe(401)
  })
})

describe('a browser', () => {
  it('that has lost its key is refused, keeps the cookie, and is healed by a sign-in', async () => {
    const visited = await visit()
    await signInBound(visited)
    const command = visited.devtools.send.bind(visited.devtools) as (
      name: string,
      given: object,
    ) => Promise<unknown>
    await command('Network.deleteDeviceBoundSession', { key: { site: 'https://localhost', id: BOUND } })
    await expire(visited)
    expect(await errorOf(visited)).toBe('device_unproven')
    expect(await cookieOf(visited, SESSION)).toBeDefined()
    await signInBound(visited)
    await expire(visited)
    expect(await status(visited)).toBe(200)
  })

  it('that cannot bind has everything as before under prefer', async () => {
    const visited = await visit({}, unable)
    await signIn(visited)
    visited.site.advance(60 * MINUTE)
    expect(await status(visited)).toBe(200)
    expect(await cookieOf(visited, BOUND)).toBeUndefined()
  })

  it('that cannot bind is refused under require, with a code that says why', async () => {
    const visited = await visit({ binding: { mode: 'require' } }, unable)
    await signIn(visited)
    expect(await status(visited)).toBe(200)
    visited.site.advance(MINUTE)
    expect([await status(visited), await errorOf(visited)]).toEqual([401, 'device_required'])
  })
})
