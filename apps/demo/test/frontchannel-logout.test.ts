import { frontchannelLogout } from '@bff/core/endpoints'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { sessionCookies } from '@bff/test-support/demo'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TwoSites, twoSites } from './support/two-sites.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

interface SignedIn {
  readonly page: Page
  readonly context: BrowserContext
}

async function signedIn({ origin }: TwoSites): Promise<SignedIn> {
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(`${origin}/page`)
  await page.getByRole('link', { name: 'alice', exact: true }).click()
  await page.getByRole('heading', { name: 'Hello, alice' }).waitFor()
  return { page, context }
}

/** The page of the provider after a sign-out there. Resolves when the frame has its answer. */
async function signOutAtProvider(page: Page, { elsewhere }: TwoSites, sid = 'sid-of-alice'): Promise<void> {
  const query = new URLSearchParams({ iss: elsewhere, sid })
  const answered = page.waitForResponse(/\/bff\/frontchannel-logout/)
  await page.goto(`${elsewhere}/signed-out?${query}`)
  expect((await answered).status()).toBe(200)
}

const plugins = [frontchannelLogout()]

it('A provider on the same site ends the session of this browser alone, and may show the frame', async () => {
  const sites = await twoSites({ providerHost: 'localhost', plugins })
  const [here, there] = [await signedIn(sites), await signedIn(sites)]
  await signOutAtProvider(here.page, sites)
  await here.page.frameLocator('iframe').getByText('Signed out.').waitFor()
  expect(await sessionCookies(here.context)).toEqual([])
  expect(await sites.bff.sessions.countActive({ userId: 'alice' })).toBe(1)
  await there.page.goto(`${sites.origin}/page`)
  await there.page.getByRole('heading', { name: 'Hello, alice' }).waitFor()
})

it('A provider on another site gets no cookie into its frame, so nothing ends', async () => {
  const sites = await twoSites({ plugins })
  const { page, context } = await signedIn(sites)
  await signOutAtProvider(page, sites)
  expect(await sessionCookies(context)).toHaveLength(1)
  await page.goto(`${sites.origin}/page`)
  await page.getByRole('heading', { name: 'Hello, alice' }).waitFor()
})

it('A page that does not know the session id at the provider ends nothing, and cannot show the frame', async () => {
  const sites = await twoSites({ providerHost: 'localhost', plugins })
  const { page, context } = await signedIn(sites)
  await signOutAtProvider(page, sites, 'sid-of-bob')
  await expect
    .poll(() => page.frames().map((frame) => frame.url()))
    .toContain('chrome-error://chromewebdata/')
  expect(await sessionCookies(context)).toHaveLength(1)
  expect(await sites.bff.sessions.countActive({ userId: 'alice' })).toBe(1)
})
