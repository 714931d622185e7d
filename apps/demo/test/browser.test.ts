import { memoryStore } from '@bff/store-memory'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { callFromPage, eavesdrop, FIRST_ORDER, PRIVATE, sessionCookies, signIn } from '@bff/test-support/demo'
import { withOutage } from '@bff/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testStack } from './support/test-stack.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('signs in, calls the API, outlives its token, signs out, and never sees a token', async () => {
  const { idp, api, tap, origin } = await testStack({ idp: { accessTokenLifetime: 12 } })
  const context = await newContext(browser)
  const overheard = await eavesdrop(context)
  const page = await context.newPage()

  await signIn(page, origin)
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  await page.getByLabel('every 10 s').uncheck()
  expect(await page.locator('#browser-cookie').textContent()).toBe('empty')
  const token = page.locator('#token-expiry')
  await token.and(page.locator('[data-expires-at]')).waitFor()
  const firstExpiry = Number(await token.getAttribute('data-expires-at'))
  await overheard.readPage(page)

  await page.locator('#token-expiry[data-left=expired]').waitFor()
  const { refreshes } = idp.stats
  expect(Date.now()).toBeGreaterThanOrEqual(firstExpiry)
  const answered = page.waitForResponse(`${origin}/api/orders`)
  await page.getByRole('button', { name: 'Reload' }).click()
  expect((await answered).status()).toBe(200)
  await page.locator('#token-expiry[data-left=fresh]').waitFor()
  expect(Number(await token.getAttribute('data-expires-at'))).toBeGreaterThan(firstExpiry)
  expect(await page.locator('#log').textContent()).toContain('Tokens refreshed on the server')
  expect(idp.stats.refreshes).toBe(refreshes + 1)
  expect(api.requests.filter(({ path }) => path === '/orders').map(({ authScheme }) => authScheme)).toEqual([
    'DPoP',
    'DPoP',
  ])

  await page.getByLabel('Item').fill('Enamel coffee pot')
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.locator('tr[data-id=N-00001]').waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download CSV' }).click()
  expect((await download).suggestedFilename()).toBe('orders.csv')
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByText(/^Event 1 for alice/).waitFor()
  await page.getByText('What the provider says about you').click()
  await overheard.readStream(page, '/api/orders/feed')
  await overheard.readStream(page, '/demo/events')
  await overheard.readPage(page)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  expect(await callFromPage(page, '/bff/session')).toEqual({ status: 200, text: '{"authenticated":false}' })
  expect((await callFromPage(page, '/api/orders')).status).toBe(401)
  expect(await sessionCookies(context)).toEqual([])
  // A sign-in under way is given some seconds to show that it shares the grant.
  await expect.poll(() => idp.stats.revocations, { timeout: 30_000 }).toBe(1)
  expect(api.openRequests()).toBe(0)
  await page.reload()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  await overheard.readPage(page)

  const seen = await overheard.seen()
  const answers = 1 + idp.stats.refreshes
  expect(tap.tokens.map(({ kind }) => kind).sort()).toEqual(
    ['access_token', 'id_token', 'refresh_token'].flatMap((kind) => Array(answers).fill(kind)),
  )
  const leaks = tap.tokens.flatMap(({ kind, value }) =>
    seen.filter(({ text }) => text.includes(value)).map(({ where }) => `${kind} in ${where}`),
  )
  expect(leaks).toEqual([])
  // Nor anything else that looks like a signed token.
  expect(seen.filter(({ text }) => /eyJ[\w-]{8,}\./.test(text)).map(({ where }) => where)).toEqual([])
  // Read on its own above; and a file of this app, which browsers fetch behind the debugger's back.
  const known = ['/api/orders/feed', '/demo/events', '/favicon.svg'].map((path) => origin + path)
  expect(overheard.unread.filter((url) => !known.includes(url))).toEqual([])
  for (const path of [
    '/api/orders',
    '/api/orders/export',
    '/bff/user?slide=false',
    '/bff/demo/server',
    '/bff/sessions',
    '/app.js',
    '/bff-client.js',
  ])
    expect(seen.map(({ where }) => where)).toContain(`body of answer 200 to ${origin}${path}`)
  expect(seen.filter(({ where }) => where === 'console').map(({ text }) => text)).toEqual([
    expect.stringContaining('401'),
  ])
})

it('shows nothing private when the back button is pressed after signing out', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  await page.goto(`${origin}/favicon.svg`)
  const otherTab = await context.newPage()
  await otherTab.goto(origin)
  await otherTab.getByRole('button', { name: 'Sign out' }).click()
  await otherTab.getByText('You are signed out').waitFor()
  await page.goBack({ waitUntil: 'commit' })
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(await page.locator('html').innerHTML()).not.toMatch(PRIVATE)
})

it('offers a way forward when the sign-in was cancelled at the provider, and tidies the address', async () => {
  const { idp, tap, origin } = await testStack()
  const page = await (await newContext(browser)).newPage()
  await page.goto(origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()
  const query = new URLSearchParams({ error: 'access_denied', state: tap.state(), iss: idp.issuer })
  await page.goto(`${origin}/bff/callback?${query}`)
  await page.getByRole('alert').getByText('cancelled at the provider').waitFor()
  expect(page.url()).toBe(`${origin}/`)
  await signIn(page, origin)
})

it('offers a way forward when the sign-in is too old, by keyboard alone', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').fill('bob')
  await page.getByLabel('Password').fill('any')
  // As a browser does with the cookie of an attempt when its time is over.
  await context.clearCookies({ name: /-login-/ })
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('just sign in again').waitFor()
  expect(page.url()).toBe(`${origin}/`)

  await page.getByRole('link', { name: 'Sign in' }).focus()
  await page.keyboard.press('Enter')
  // The provider remembers bob, so it asks nothing.
  await page.getByRole('heading', { name: 'Hello, Bob' }).waitFor()
})

it('says so when the store does not answer, keeps the cookie, and goes on by itself afterwards', async () => {
  const store = withOutage(memoryStore())
  const { origin } = await testStack({ store })
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  const cookies = await sessionCookies(context)

  store.down = true
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('status').getByText('The session store does not answer').waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'The server does not answer right now' }).waitFor()
  expect(await sessionCookies(context)).toEqual(cookies)

  store.down = false
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  await page.locator(FIRST_ORDER).first().waitFor()
})

it('keeps nothing private on a page the browser puts away, and asks again when it is taken out', async () => {
  const { origin } = await testStack()
  const page = await (await newContext(browser)).newPage()
  await signIn(page, origin)
  const put = (type: string) =>
    page.evaluate((name) => {
      window.dispatchEvent(new PageTransitionEvent(name, { persisted: true }))
      return document.documentElement.innerHTML
    }, type)
  expect(await put('pagehide')).not.toMatch(PRIVATE)
  await put('pageshow')
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
})

it('notices that its session was ended elsewhere, and offers to sign in again', async () => {
  const { demo, store, origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  const [record] = (await store.sessions.list({ userId: 'alice' })).records
  if (record !== undefined) await demo.bff.sessions.revoke(record.handle)
  await page.getByRole('alert').getByText('Your session was ended').waitFor()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(await page.locator('html').innerHTML()).not.toMatch(PRIVATE)
  // Dead, and left alone: an answer that comes late must not take a newer one away.
  expect(await sessionCookies(context)).toHaveLength(1)
})

it('shows every session of the user, and signs out one or all others, seen at once in those browsers', async () => {
  const { origin } = await testStack()
  const [here, there, third] = await Promise.all(
    [1, 2, 3].map(async () => (await newContext(browser)).newPage()),
  )
  if (here === undefined || there === undefined || third === undefined) throw new Error('No pages.')
  await signIn(here, origin)
  const lines = here.locator('#sessions li')
  await expect.poll(() => lines.count()).toBe(1)
  expect(await here.getByRole('button', { name: 'Sign out everywhere else' }).isVisible()).toBe(false)
  await signIn(there, origin)
  await signIn(third, origin)

  // Newest first, this one marked: the page heard of the others by itself.
  await lines.nth(2).waitFor()
  expect(await lines.locator('.device').allTextContents()).toEqual(Array(3).fill('Chrome on Linux'))
  expect(await lines.getByText('This browser').count()).toBe(1)
  await lines.nth(2).getByText('This browser').waitFor()

  await lines.nth(0).getByRole('button', { name: 'Sign out' }).click()
  await third.getByRole('alert').getByText('signed this browser out from another one').waitFor()
  await third.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(await third.locator('html').innerHTML()).not.toMatch(PRIVATE)
  await lines.nth(2).waitFor({ state: 'detached' })

  await here.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await there.getByRole('alert').getByText('signed this browser out from another one').waitFor()
  await lines.nth(1).waitFor({ state: 'detached' })
  expect((await callFromPage(there, '/api/orders')).status).toBe(401)
  expect((await callFromPage(here, '/api/orders')).status).toBe(200)
})
