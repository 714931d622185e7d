import { launchChromium, newContext } from '@bff/test-support/browser'
import { signIn } from '@bff/test-support/demo'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browserFlagsFor, selfSignedCertificate } from '../src/certificate.ts'
import { jumpClock } from './support/clock.ts'
import { testStack } from './support/test-stack.ts'

const BOUND = '__Host-bff-device'
const MINUTE = 60_000
const certificate = selfSignedCertificate()

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium(browserFlagsFor(certificate))
})
afterAll(() => browser?.close())

/** What five minutes do in a browser whose clock does not jump. */
async function forgetBoundCookie(page: Page, origin: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.deleteCookies', { name: BOUND, url: origin })
}

it('A copied cookie jar is refused once the last proof of the browser has expired, and its owner notices nothing', async () => {
  const clock = jumpClock()
  const { origin, events } = await testStack({ certificate, clock })
  expect(origin).toMatch(/^https:\/\/localhost:/)
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  await expect.poll(async () => (await context.cookies()).map(({ name }) => name)).toContain(BOUND)
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.locator('#bound').getByText('yes, by a key of its own').waitFor()

  // Past the grace of the registration, in which the session cookie is accepted alone.
  clock.jump(MINUTE)
  await page.getByRole('button', { name: 'Copy all cookies' }).click()
  const copied = page.locator('#copied > li')
  await copied.getByText('Good until').waitFor()
  const lines = () => copied.locator('ul li').allTextContents()
  expect(await lines()).toEqual([
    'The session cookie alone: 401 device_unproven',
    'All cookies, at once: 200',
    expect.stringMatching(/^All cookies, at .+: not sent yet$/),
  ])

  await forgetBoundCookie(page, origin)
  clock.jump(6 * MINUTE)
  await expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Reload' }).click()
      return lines()
    })
    .toContainEqual(expect.stringMatching(/^All cookies, at .+: 401 device_unproven$/))
  await copied.getByText('Nothing taken').waitFor()
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  const unproven = events.flatMap((event) => (event.type === 'device.unproven' ? [event.reason] : []))
  expect(unproven).toEqual(['missing', 'expired'])
})

it('A provider on another site tells the app on https of a logout, and the page hears of it', async () => {
  const { origin, idp } = await testStack({ certificate })
  const page = await (await newContext(browser)).newPage()
  await signIn(page, origin)
  expect(await idp.backchannelLogout('alice')).toEqual({ delivered: 1, failed: 0 })
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
})
