import { launchChromium, newContext } from '@bff/test-support/browser'
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { selfSignedCertificate } from '../src/certificate.ts'
import { framedSite } from './support/framed-site.ts'

const certificate = selfSignedCertificate()

let browser: Browser
beforeAll(async () => {
  // A browser that lets no frame use the cookies of another site, except partitioned ones.
  browser = await launchChromium([
    `--ignore-certificate-errors-spki-list=${certificate.spki}`,
    '--test-third-party-cookie-phaseout',
    '--host-resolver-rules=MAP *.portal.example 127.0.0.1',
  ])
})
afterAll(() => browser?.close())

const frameOf = (page: Page) => page.frameLocator('iframe')
const says = (where: FrameLocator | Page, text: string) =>
  where.getByRole('heading', { name: text, exact: true }).waitFor()

/** Signs a person in in the popup that the frame opens, as people do. */
async function signIn(context: BrowserContext, where: FrameLocator | Page, user: string): Promise<void> {
  const opened = context.waitForEvent('page')
  await where.getByRole('button', { name: 'Sign in' }).click()
  const popup = await opened
  const closed = popup.waitForEvent('close')
  await popup.getByRole('link', { name: user }).click()
  await closed
  await says(where, `Hello, ${user}`)
}

it('signs a frame of another site in by a popup, and the session is that of the frame alone [EMB-01]', async () => {
  const { bff, origin, portal, otherPortal } = await framedSite(certificate)
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(portal)
  await says(frameOf(page), 'signed-out')
  await signIn(context, frameOf(page), 'alice')
  await page.reload()
  await says(frameOf(page), 'Hello, alice')
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)

  const tab = await context.newPage()
  await tab.goto(origin)
  await says(tab, 'signed-out')
  await tab.goto(otherPortal)
  await says(frameOf(tab), 'signed-out')

  await frameOf(page).getByRole('button', { name: 'Sign out' }).click()
  await says(frameOf(page), 'signed-out')
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
})

it('keeps the session that the same person has in a tab of the app, and those of two sites apart [EMB-04]', async () => {
  const { origin, portal, otherPortal } = await framedSite(certificate)
  const context = await newContext(browser)
  const [app, first, second] = [await context.newPage(), await context.newPage(), await context.newPage()]
  await app.goto(`${origin}/bff/login`)
  await app.getByRole('link', { name: 'bob' }).click()
  await says(app, 'Hello, bob')
  await first.goto(portal)
  await signIn(context, frameOf(first), 'alice')
  await second.goto(otherPortal)
  await signIn(context, frameOf(second), 'bob')
  for (const page of [app, first, second]) await page.reload()
  await says(app, 'Hello, bob')
  await says(frameOf(first), 'Hello, alice')
  await says(frameOf(second), 'Hello, bob')
})

it('is not framed by a site that is no ancestor [EMB-09]', async () => {
  const { stranger } = await framedSite(certificate)
  const page = await (await newContext(browser)).newPage()
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
  await page.goto(stranger)
  await refused
  expect(await frameOf(page).getByRole('heading').count()).toBe(0)
})

it('hands nothing over to the page of another site that opens the sign-in with a challenge of its own [EMB-10]', async () => {
  const sites = await framedSite(certificate)
  sites.html = `<button>Open</button><ul></ul><script>
    addEventListener('message', ({ data }) => document.querySelector('ul').append(JSON.stringify(data)))
    document.querySelector('button').onclick = () => open('${sites.origin}/bff/embedded?challenge=${'A'.repeat(43)}')
  </script>`
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(sites.stranger)
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Open' }).click()
  const popup = await opened
  const closed = popup.waitForEvent('close')
  await popup.getByRole('link', { name: 'alice' }).click()
  await closed
  // A message of the popup would have come before this one.
  await page.evaluate("postMessage('own', '*')")
  await page.getByText('own').waitFor()
  expect(await page.locator('ul').textContent()).toBe('"own"')
  const tab = await context.newPage()
  await tab.goto(`${sites.origin}/user`)
  await says(tab, 'nobody')
})
