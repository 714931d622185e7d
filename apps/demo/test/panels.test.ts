import { launchChromium, newContext } from '@bff/test-support/browser'
import { callFromPage, sessionCookies, signIn } from '@bff/test-support/demo'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { testStack } from './support/test-stack.ts'

const OUTAGE_MS = 8_000

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

const downParts = async (page: Page) => JSON.parse((await callFromPage(page, '/bff/demo/outages')).text).down

it('attacks its own session from within and from another site, takes nothing, and shows why', async () => {
  const { api, origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  await page.getByRole('button', { name: 'Run the attacks' }).click()
  const outcomes = page.locator('#attacks-list > li')
  await outcomes.nth(4).waitFor()
  const read = await outcomes.evaluateAll((items) =>
    items.map((item) => [
      item.querySelector('h3')?.textContent,
      item.querySelector('.chip')?.textContent,
      ...[...item.querySelectorAll('ul li')].map((line) => line.textContent),
    ]),
  )
  expect(read).toEqual([
    [
      'A script reads all that this page can read',
      'Nothing taken',
      'document.cookie: empty',
      'localStorage: empty',
      'sessionStorage: empty',
      'IndexedDB: empty',
    ],
    [
      'A script calls the API without the header X-CSRF',
      'Nothing taken',
      'POST /api/orders: 403 csrf_violation',
    ],
    [
      'Another site posts an order',
      'Nothing taken',
      'POST /api/orders, cross-site, without a cookie: 403, refused: no X-CSRF header',
      'The other site read: nothing',
    ],
    [
      'Another site posts an order with the header X-CSRF',
      'Nothing taken',
      'OPTIONS /api/orders, cross-site, without a cookie: 403, refused: no X-CSRF header',
      'POST: the browser did not send it',
      'The other site read: nothing',
    ],
    [
      'Another site posts a form to sign you out',
      'Nothing taken',
      'POST /bff/logout, cross-site, without a cookie: 403, refused: no X-CSRF header',
      'The other site read: nothing',
    ],
  ])
  expect(api.requests.filter(({ method }) => method === 'POST')).toEqual([])
  expect(await sessionCookies(context)).toHaveLength(1)
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
})

it('signs out, sends a copy of the cookie again, and shows that it opens nothing', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  const [cookie] = await sessionCookies(context)
  await page.getByRole('button', { name: 'Replay the cookie after signing out' }).click()
  const banner = page.getByRole('alert')
  await banner.getByText('Copied cookie: 200 while you were signed in, 401').waitFor()
  expect(await banner.textContent()).not.toContain(cookie?.value ?? 'no cookie')
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
})

it('draws the last call from the page to the API, with names and times, and no value of a cookie or token', async () => {
  const { api, tap, origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  await page.getByText(/^GET \/api\/orders at /).waitFor()
  expect(await page.locator('#trace-browser > div').allTextContents()).toEqual([
    'Cookiebff = •••',
    'X-CSRFsent',
    'Authorizationnone',
    'Other cookiesidp_session, idp_session.sig',
  ])
  expect(await page.locator('#trace-api > div').allTextContents()).toEqual([
    'Cookienone',
    'AuthorizationDPoP •••',
    'DPoPproof, signed for this call',
  ])
  expect(await page.locator('#trace-steps li').allTextContents()).toEqual([
    expect.stringMatching(/^The BFF opens the session[\d.]+ ms$/),
    expect.stringMatching(/^The API answers 200[\d.]+ ms$/),
    expect.stringMatching(/^The page gets 200[\d.]+ ms$/),
  ])
  const { text } = await callFromPage(page, '/bff/demo/server')
  const [cookie] = await sessionCookies(context)
  for (const secret of [cookie?.value ?? '', ...tap.tokens.map(({ value }) => value)])
    expect(secret !== '' && text.includes(secret)).toBe(false)

  api.fail('reset')
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.locator('#trace-steps').getByText('The API does not answer').waitFor()
  await page.locator('#trace-steps').getByText('The page gets 502').waitFor()
})

it('takes the API, the provider and the store down, says what each means, and brings each back', async () => {
  const clock = jumpClock()
  const { origin } = await testStack({ clock })
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  await page.getByLabel('every 10 s').uncheck()
  const press = (name: string) => page.getByRole('button', { name }).click()
  const says = (part: string, message: string) =>
    page.locator(`#outage-${part}-said`).getByText(message).waitFor()
  const works = 'Back. You see: “It works, and you are still signed in.”'
  // Together, for they differ in what they stop.
  await press('API down')
  await press('Provider down')
  await says('api', 'Down. You see: “The orders API cannot be reached right now.')
  await says('provider', 'Down. You see: “The sign-in provider does not answer right now.')
  clock.jump(OUTAGE_MS - 1)
  expect(await downParts(page)).toEqual(['api', 'provider'])
  clock.jump(1)
  await says('api', works)
  await says('provider', works)

  await press('Store down')
  await says('store', 'Down. You see: “The session store does not answer right now.')
  clock.jump(OUTAGE_MS)
  await says('store', works)
  expect(await sessionCookies(context)).toHaveLength(1)
})
