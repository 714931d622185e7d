import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateEncryptionKey, type Stores } from '@bff/core'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { launchChromium, newContext as newContextOf, signInAtProvider } from '@bff/test-support/browser'
import {
  callFromPage,
  FIRST_ORDER,
  freePorts,
  holdEnding,
  PRIVATE,
  sessionCookies,
  signIn,
} from '@bff/test-support/demo'
import BetterSqlite3 from 'better-sqlite3'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { sessionsFileOf } from '../src/launch/sessions-file.ts'
import { type Stack, startStack } from '../src/launch/stack.ts'

let browser: Browser
let stack: Stack
/** The app's own tables, read and changed behind its back. */
let store: Stores
let origin: string
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bff-demo-next-'))
  const sqlitePath = sessionsFileOf(folder) ?? ''
  store = sqliteStore({ path: sqlitePath })
  stack = await startStack({ ports: await freePorts(), encryptionKey: generateEncryptionKey(), sqlitePath })
  origin = stack.app.origin
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await stack?.close()
  await store?.sessions.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  for (const userId of ['alice', 'bob']) await store.sessions.deleteAll({ userId })
})

const newContext = () => newContextOf(browser)
const newPage = async () => (await newContext()).newPage()
const html = (page: Page) => page.locator('html').innerHTML()

describe('calling the API', () => {
  it('renders orders on the server, reloads them through the proxy, and places one by a server action', async () => {
    const page = await newPage()
    await signIn(page, origin)
    expect(await page.title()).toBe('Alice Liddell · No token in the browser')
    const rendered = await (await page.request.get(origin)).text()
    expect(rendered).toContain('2BD8-1001')

    const answered = page.waitForResponse(`${origin}/api/orders`)
    await page.getByRole('button', { name: 'Reload' }).click()
    expect((await answered).status()).toBe(200)
    await page.getByLabel('Item').fill('Enamel coffee pot')
    await page.getByRole('button', { name: 'Place order' }).click()
    await page.getByText(/^Order N-\d+ placed: Enamel coffee pot$/).waitFor()
    await page.locator('tr[data-id^=N-]').first().waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText(/^Event 1 for alice/).waitFor()
  })

  it('works without any script in the browser, the form included', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await signIn(page, origin, 'bob')
    await page.getByLabel('Item').fill('Cast-iron teapot')
    await page.getByRole('button', { name: 'Place order' }).click()
    await page.getByText(/^Order N-\d+ placed: Cast-iron teapot$/).waitFor()
    await context.close()
  })

  it('says so when the API fails, and goes on afterwards', async () => {
    const page = await newPage()
    await signIn(page, origin)
    await page.getByLabel('every 10 s').uncheck()
    await page.route(`${origin}/api/orders`, (route) =>
      route.fulfill({ status: 502, json: { error: 'upstream_unavailable', message: 'x' } }),
    )
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByText('The orders API cannot be reached right now.').waitFor()
    await page.unroute(`${origin}/api/orders`)
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.locator('.problem').waitFor({ state: 'detached' })
  })
})

it('says so when the store does not answer, keeps the cookie, and goes on by itself afterwards', async () => {
  const context = await newContext()
  const page = await context.newPage()
  await signIn(page, origin)
  const cookies = await sessionCookies(context)
  const database = new BetterSqlite3(join(folder, 'sessions.db'))
  onTestFinished(() => void database.close())
  database.exec('alter table bff_sessions rename to elsewhere')
  try {
    await page.reload()
    await page.getByRole('heading', { name: 'The server does not answer right now' }).waitFor()
    expect(await sessionCookies(context)).toEqual(cookies)
  } finally {
    database.exec('alter table elsewhere rename to bff_sessions')
  }
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
})

it('styles the page of an address it does not have, and leads home from there', async () => {
  const page = await newPage()
  const refusals: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refusals.push(message.text())
  })
  const response = await page.goto(`${origin}/nonsense`)
  expect(response?.status()).toBe(404)
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await page.getByRole('link', { name: 'Back to the demo' }).click()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(refusals).toEqual([])
})

describe('signing in', () => {
  it('leads back to the page somebody wanted, which proxy.ts had guarded', async () => {
    const page = await newPage()
    await page.goto(`${origin}/profile`)
    await signInAtProvider(page)
    await page.getByRole('heading', { name: 'What the provider says about you' }).waitFor()
    expect(page.url()).toBe(`${origin}/profile`)
    await page.getByText('alice@example.com').first().waitFor()
  })

  it('can be interrupted and begun anew', async () => {
    const page = await newPage()
    await page.goto(origin)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('User name').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signInAtProvider(page)
    await page.locator(FIRST_ORDER).first().waitFor()
  })

  it('offers a way forward when it took too long, and tidies the address', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(origin)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('User name').waitFor()
    // As a browser does with the cookie of an attempt when its time is over.
    await context.clearCookies({ name: /-login-/ })
    await signInAtProvider(page)
    await page.getByRole('alert').getByText('just sign in again').waitFor()
    await expect.poll(() => page.url()).toBe(`${origin}/`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    // The provider remembers who it was, and asks nothing.
    await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  })
})

describe('signing out', () => {
  it('ends the session here, in the store and at the provider', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, origin)
    const { revocations } = stack.idp.stats
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    expect((await callFromPage(page, '/api/orders')).status).toBe(401)
    expect(await sessionCookies(context)).toEqual([])
    expect(await store.sessions.countActive({ userId: 'alice' }, Date.now())).toBe(0)
    // A sign-in under way is given some seconds to show that it shares the grant.
    await expect.poll(() => stack.idp.stats.revocations, { timeout: 30_000 }).toBe(revocations + 1)
  })

  it('signs nobody out when Next’s router prefetches the sign-out link, and does when it goes there [LGO-18]', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, origin)
    const claims: Array<{ type: string; value: string }> = JSON.parse(
      (await callFromPage(page, '/bff/user')).text,
    )
    const link = claims.find(({ type }) => type === 'bff:logout_url')?.value ?? ''
    const router = (method: 'prefetch' | 'push') =>
      page.evaluate(([name, href]) => Reflect.get(Reflect.get(window, 'next').router, name)(href), [
        method,
        link,
      ] as const)
    const refused = page.waitForResponse(
      (answer) => answer.url().includes('/bff/logout') && answer.status() === 403,
    )
    await router('prefetch')
    await refused
    expect((await callFromPage(page, '/api/orders')).status).toBe(200)
    expect(await sessionCookies(context)).toHaveLength(1)

    const opened = page.waitForResponse(
      (answer) => answer.url().includes('/bff/logout') && answer.status() === 303,
    )
    // The page may be gone before it can say that the router was called.
    await Promise.all([opened, router('push').catch(() => {})])
    // Past the provider's sign-out page, and back.
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await sessionCookies(context)).toEqual([])
    expect(await store.sessions.countActive({ userId: 'alice' }, Date.now())).toBe(0)
  })

  it('ends the session here, and the page at once, when the provider says so without a browser [LGO-10]', async () => {
    const page = await newPage()
    await signIn(page, origin)
    expect(await stack.idp.backchannelLogout('alice')).toMatchObject({ failed: 0 })
    await page.getByRole('alert').getByText('Your provider signed you out').waitFor()
    expect(await html(page)).not.toMatch(PRIVATE)
    expect(await store.sessions.countActive({ userId: 'alice' }, Date.now())).toBe(0)
  })

  it('shows nothing private when the back button is pressed afterwards', async () => {
    const page = await newPage()
    await signIn(page, origin)
    await page.getByRole('link', { name: 'Alice Liddell' }).click()
    await page.waitForURL(`${origin}/profile`)
    await page.getByRole('heading', { name: 'What the provider says about you' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    for (let step = 0; step < 3; step++) {
      await page.goBack({ waitUntil: 'commit' })
      expect(await html(page)).not.toMatch(PRIVATE)
    }
  })

  it('finds nothing private on a page the browser had put away, which asks anew when it is taken out', async () => {
    const page = await newPage()
    await signIn(page, origin)
    // Later than the call, which a page that reloads would not answer.
    const put = (type: string) =>
      page.evaluate(
        (name) => void setTimeout(() => dispatchEvent(new PageTransitionEvent(name, { persisted: true }))),
        type,
      )
    const privateTexts = async () => {
      await put('pagehide')
      return page.getByText(PRIVATE).count()
    }
    // Once React has taken the page over: until then it listens to nothing.
    await expect.poll(privateTexts).toBe(0)
    await put('pageshow')
    await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  })

  it('is noticed at once by the other tab, and so is signing in', async () => {
    const context = await newContext()
    const [page, other] = [await context.newPage(), await context.newPage()]
    await other.goto(origin)
    await other.getByRole('link', { name: 'Sign in' }).waitFor()
    await signIn(page, origin)
    await other.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByRole('alert').getByText('You signed out in another tab').waitFor()
    await other.getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await html(other)).not.toMatch(PRIVATE)
  })
})

describe('ending sessions from another browser', () => {
  it('lists every session, ends one or all others, and those browsers hear of it at once', async () => {
    const [here, there, third] = [await newPage(), await newPage(), await newPage()]
    const lines = here.locator('#sessions li')
    await signIn(here, origin)
    await expect.poll(() => lines.count()).toBe(1)
    await signIn(there, origin)
    await signIn(third, origin)
    // Newest first: the page heard of the others by itself.
    await lines.nth(2).getByText('This browser').waitFor()

    await lines.nth(0).getByRole('button', { name: 'Sign out' }).click()
    await third.getByRole('alert').getByText('signed this browser out from another one').waitFor()
    expect(await html(third)).not.toMatch(PRIVATE)
    await lines.nth(2).waitFor({ state: 'detached' })

    await here.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await there.getByRole('alert').getByText('signed this browser out from another one').waitFor()
    await lines.nth(1).waitFor({ state: 'detached' })
    expect((await callFromPage(there, '/api/orders')).status).toBe(401)
    expect((await callFromPage(here, '/api/orders')).status).toBe(200)
  })

  it('says why, also when a refused call is faster than the event', async () => {
    const [here, there] = [await newPage(), await newPage()]
    await holdEnding(there, '.waiting')
    await signIn(there, origin)
    await signIn(here, origin)
    await here.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await here.locator('#sessions li').nth(1).waitFor({ state: 'detached' })

    await there.evaluate(() => void window.dispatchEvent(new Event('focus')))
    await there.getByRole('alert').getByText('signed this browser out from another one').waitFor()
    expect(await html(there)).not.toMatch(PRIVATE)
  })
})
