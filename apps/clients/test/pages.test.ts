import { freePort } from '@bff/servers'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientsServer, startServer } from '../src/server.ts'

const FRAMEWORKS = ['react', 'vue', 'svelte', 'solid', 'angular']

let browser: Browser
let server: ClientsServer
beforeAll(async () => {
  ;[browser, server] = await Promise.all([launchChromium(), freePort().then(startServer)])
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

interface Visitor {
  readonly page: Page
  /** The paths of the BFF that the page has asked for. */
  readonly asked: string[]
  /** What the framework has complained about. */
  readonly complaints: string[]
}

async function visit(context: BrowserContext, path: string): Promise<Visitor> {
  const page = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname === '/bff/session' || pathname === '/bff/user') asked.push(pathname)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(server.origin + path)
  return { page, asked, complaints }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const hello = (page: Page) => page.getByRole('heading', { name: 'Hello, Alice Liddell' })
const focus = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event('focus')))

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signInAtProvider(page)
  await hello(page).waitFor()
}

/** Somebody else ends every session of Alice. */
const endElsewhere = () =>
  server.bff.sessions.revokeAll({ userId: 'alice' }, { reasonCode: 'admin', actorType: 'admin' })

describe.each(FRAMEWORKS)('%s', (name) => {
  it('signs in and out in two tabs, and notices a session that was ended elsewhere', async () => {
    const context = await newContext(browser)
    const { page: other, ...atOther } = await visit(context, `/${name}`)
    await button(other, 'Sign in').waitFor()
    const { page, asked, complaints } = await visit(context, `/${name}?page=2`)
    await button(page, 'Sign in').waitFor()
    expect(asked).toEqual(['/bff/session'])
    expect(await page.locator('output').textContent()).toBe('signed-out')

    await signIn(page)
    expect(page.url()).toBe(`${server.origin}/${name}?page=2`)
    expect(await page.locator('output').textContent()).toBe('signed-in')
    await hello(other).waitFor()

    await endElsewhere()
    await focus(page)
    await button(page, 'Sign in invalid_session').waitFor()
    await focus(other)
    await button(other, 'Sign in invalid_session').waitFor()

    // The provider still knows who this is.
    await page.getByRole('button', { name: 'Sign in' }).click()
    await hello(page).waitFor()
    await hello(other).waitFor()
    await button(page, 'Sign out').click()
    await page.waitForURL(`${server.origin}/${name}?bye`)
    await button(other, 'Sign in signed_out_elsewhere').waitFor()
    expect([...complaints, ...atOther.complaints]).toEqual([])
  })

  it('asks the server no more after it was unmounted', async () => {
    const { page, asked } = await visit(await newContext(browser), `/${name}`)
    await button(page, 'Sign in').waitFor()
    await focus(page)
    await expect.poll(() => asked).toHaveLength(2)
    await button(page, 'Unmount').click()
    await button(page, 'Sign in').waitFor({ state: 'detached' })
    await focus(page)
    // A request that the focus had caused would come first.
    expect(await page.evaluate(async () => (await fetch('/bff/health')).status)).toBe(404)
    expect(asked).toHaveLength(2)
  })
})

describe.each(FRAMEWORKS)('%s on a server', (name) => {
  it('keeps what the server has rendered, asks nothing until something happens, and informs the other tabs', async () => {
    const context = await newContext(browser)
    await context.addInitScript(rememberServed)
    const { page: other } = await visit(context, `/${name}`)
    await button(other, 'Sign in').waitFor()
    const { page, asked, complaints } = await visit(context, `/${name}/rendered`)
    // Angular removes it once the page hears clicks; the other frameworks hear them as soon as the page has loaded.
    await page.locator('app-root[ngh]').waitFor({ state: 'detached' })
    await signIn(page)
    expect(page.url()).toBe(`${server.origin}/${name}/rendered`)
    // It is the news of the rendered page that brings this.
    await hello(other).waitFor()
    expect(await page.evaluate<boolean[]>('served.map((element) => element.isConnected)')).toEqual(
      ['section', 'h1', 'button', 'output'].map(() => true),
    )

    await endElsewhere()
    await focus(page)
    await button(page, 'Sign in invalid_session').waitFor()
    expect(asked).toEqual(['/bff/session'])
    expect(complaints).toEqual([])
  })
})

/** Remembers the elements of the document before a script has run. */
function rememberServed(): void {
  document.addEventListener('readystatechange', () => {
    if (document.readyState === 'interactive')
      Object.assign(window, { served: [...document.querySelectorAll('section, h1, section button, output')] })
  })
}
