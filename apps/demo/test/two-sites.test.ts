import { launchChromium, newContext } from '@bff/test-support/browser'
import { callFromPage, sessionCookies } from '@bff/test-support/demo'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { twoSites } from './support/two-sites.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

const click = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const greeting = (page: Page, name: string) => page.getByRole('heading', { name: `Hello, ${name}` }).waitFor()

async function signIn(page: Page, origin: string, user: string): Promise<void> {
  await page.goto(`${origin}/page`)
  await click(page, user)
  await greeting(page, user)
}

const idOf = async (context: BrowserContext) => (await sessionCookies(context))[0]?.value ?? ''

/** What the BFF says to whoever has this cookie. */
async function isAlive(origin: string, id: string): Promise<boolean> {
  const headers = { cookie: `bff=${id}`, 'x-csrf': '1' }
  const answer = await fetch(`${origin}/bff/session`, { headers })
  return JSON.parse(await answer.text()).authenticated
}

it('ends the session of the person before, though the provider is on another site and shows a page', async () => {
  const { origin } = await twoSites()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin, 'alice')
  const alice = await idOf(context)
  expect(await isAlive(origin, alice)).toBe(true)
  await click(page, 'sign in')
  await click(page, 'bob')
  await greeting(page, 'bob')
  expect([await isAlive(origin, alice), await isAlive(origin, await idOf(context))]).toEqual([false, true])
})

it('ends it also when a link on another site led to the sign-in', async () => {
  const { origin, elsewhere } = await twoSites()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin, 'alice')
  const alice = await idOf(context)
  await page.goto(elsewhere)
  await click(page, '/bff/login')
  await click(page, 'bob')
  await greeting(page, 'bob')
  expect([await isAlive(origin, alice), await isAlive(origin, await idOf(context))]).toEqual([false, true])
})

it('leaves one session of several tabs that sign in at once', async () => {
  const { bff, origin } = await twoSites()
  const context = await newContext(browser)
  const tabs = [await context.newPage(), await context.newPage(), await context.newPage()]
  for (const tab of tabs) await tab.goto(`${origin}/page`)
  for (const tab of tabs) {
    await click(tab, 'alice')
    await greeting(tab, 'alice')
  }
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
})

it('signs in once, not for ever, where a proxy takes Sec-Fetch-Site away and the page itself asks for a session', async () => {
  const dropped = ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-fetch-user']
  const { bff, origin, elsewhere } = await twoSites({ isSignedIn: true, dropped })
  const page = await (await newContext(browser)).newPage()
  await page.goto(elsewhere)
  await click(page, '/page')
  await greeting(page, 'alice')
  expect(page.url()).toBe(`${origin}/page`)
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
})

it('keeps the session when another site leads to the sign-out', async () => {
  const { origin, elsewhere } = await twoSites()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin, 'alice')
  const alice = await idOf(context)
  await page.goto(elsewhere)
  await click(page, '/bff/logout')
  // The page it leads to sees no cookie behind a link of another site, and asks to sign in.
  await page.waitForURL(`${elsewhere}/auth**`)
  await page.goto(`${origin}/page`)
  await greeting(page, 'alice')
  expect(await idOf(context)).toBe(alice)
})

it('keeps the session when the browser prefetches, prerenders, frames or shows the sign-out link, and ends it on a click', async () => {
  const sites = await twoSites()
  const { origin, asked } = sites
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin, 'alice')
  const alice = await idOf(context)
  const claims: Array<{ type: string; value: string }> = JSON.parse(
    (await callFromPage(page, '/bff/user')).text,
  )
  const link = claims.find(({ type }) => type === 'bff:logout_url')?.value ?? ''
  const rules = (kind: string) =>
    `<script type="speculationrules">{"${kind}":[{"urls":["${link}&as=${kind}"],"eagerness":"immediate"}]}</script>`
  sites.html = [
    `<a href="${link}">sign out</a><link rel="prefetch" href="${link}&as=link">`,
    `<img src="${link}"><iframe src="${link}"></iframe><object data="${link}"></object><embed src="${link}">`,
    rules('prefetch') + rules('prerender'),
  ].join('')
  await page.goto(`${origin}/page`)
  for (const destination of ['image', 'iframe', 'object', 'embed', 'empty', 'document'])
    await expect.poll(() => asked).toContain(`/bff/logout (${destination})`)
  expect([await isAlive(origin, alice), await idOf(context)]).toEqual([true, alice])

  await click(page, 'sign out')
  await page.getByRole('link', { name: 'bob', exact: true }).waitFor()
  expect([await isAlive(origin, alice), await idOf(context)]).toEqual([false, ''])
})
