import { generateEncryptionKey } from '@bff/core'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { freePorts, signIn } from '@bff/test-support/demo'
import { manualClock } from '@bff/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browserFlagsFor, selfSignedCertificate } from '../../demo/src/certificate.ts'
import { type Stack, startStack } from '../src/launch/stack.ts'

const OUTAGE_MS = 8_000
const certificate = selfSignedCertificate()
/** Of the failure switches alone. */
const clock = manualClock()

let browser: Browser
let stack: Stack
beforeAll(async () => {
  browser = await launchChromium(browserFlagsFor(certificate))
  stack = await startStack({
    ports: await freePorts(),
    encryptionKey: generateEncryptionKey(),
    sqlitePath: null,
    certificate,
    clock,
  })
})
afterAll(async () => {
  await browser?.close()
  await stack?.close()
})

async function signedIn(): Promise<Page> {
  const page = await (await newContext(browser)).newPage()
  await signIn(page, stack.app.origin)
  await page.getByLabel('every 10 s').uncheck()
  return page
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).click()

it('attacks its own session from within and from another site, and takes nothing', async () => {
  const page = await signedIn()
  await press(page, 'Run the attacks')
  const outcomes = page.locator('#attacks-list > li')
  await outcomes.nth(4).waitFor()
  expect(await outcomes.locator('.chip').allTextContents()).toEqual(Array(5).fill('Nothing taken'))
  expect(await outcomes.nth(2).locator('ul li').allTextContents()).toEqual([
    'POST /api/orders, cross-site, without a cookie: 403, refused: no X-CSRF header',
    'The other site read: nothing',
  ])
  expect(stack.api.requests.filter(({ method }) => method === 'POST')).toEqual([])
})

it('binds the session to its browser, and says until when a copy of its cookies is good', async () => {
  const page = await signedIn()
  await expect
    .poll(async () => (await page.context().cookies()).map(({ name }) => name))
    .toContain('__Host-bff-device')
  await page.reload()
  await page.locator('.server').getByText('yes, by a key of its own').waitFor()
  await press(page, 'Copy all cookies')
  await page.locator('#copied').getByText('Good until').waitFor()
  await page.locator('#copied').getByText('All cookies, at once: 200').waitFor()
})

it('draws the last call from the page to the API', async () => {
  const page = await signedIn()
  await press(page, 'Reload')
  await page.getByText(/^GET \/api\/orders at /).waitFor()
  const [cookie, csrf, authorization] = await page.locator('#trace-browser > div').allTextContents()
  expect([cookie, csrf, authorization]).toEqual([
    'Cookie__Host-Http-bff = •••',
    'X-CSRFsent',
    'Authorizationnone',
  ])
  expect(await page.locator('#trace-api > div').allTextContents()).toEqual([
    'Cookienone',
    'AuthorizationDPoP •••',
    'DPoPproof, signed for this call',
  ])
})

it('takes the API, the provider and the store down, says what each means, and brings each back', async () => {
  const page = await signedIn()
  const says = (part: string, message: string) =>
    page.locator(`#outage-${part}-said`).getByText(message).waitFor()
  for (const [button, part, message] of [
    ['API down', 'api', 'Down. You see: “The orders API cannot be reached right now.'],
    ['Provider down', 'provider', 'Down. You see: “The sign-in provider does not answer right now.'],
    ['Store down', 'store', 'Down. You see: “The session store does not answer right now.'],
  ] as const) {
    await press(page, button)
    await says(part, message)
    await clock.advance(OUTAGE_MS)
    await says(part, 'Back. You see: “It works, and you are still signed in.”')
  }
})

it('signs out, sends a copy of the cookie again, and shows that it opens nothing', async () => {
  const page = await signedIn()
  await press(page, 'Replay the cookie after signing out')
  await page
    .getByRole('alert')
    .getByText('Copied cookie: 200 while you were signed in, 401 invalid_session after you signed out.')
    .waitFor()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
})
