import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import { FIRST_ORDER, holdEnding, PRIVATE, signIn } from '@bff/test-support/demo'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { testStack } from './support/test-stack.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

/** A page that hears nothing from the server by itself: no event stream, and no timer ever ends. */
async function isolate(page: Page): Promise<void> {
  await page.route('**/demo/events', (route) => route.abort())
  await page.clock.install()
}

const stopTimers = (page: Page) => page.clock.pauseAt(Date.now() + HOUR)

const html = (page: Page) => page.locator('html').innerHTML()

const focus = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event('focus')))

it('shows in every tab who has signed in, or out, in one of them', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  const [here, there] = [await context.newPage(), await context.newPage()]
  await isolate(there)
  await there.goto(origin)
  await there.getByRole('link', { name: 'Sign in' }).waitFor()
  await stopTimers(there)

  await signIn(here, origin)
  await there.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  await there.locator(FIRST_ORDER).first().waitFor()

  await here.getByRole('button', { name: 'Sign out' }).click()
  await there.getByRole('alert').getByText('You signed out in another tab').waitFor()
  await there.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(await html(there)).not.toMatch(PRIVATE)
})

it('notices on focus that the session was ended in another browser', async () => {
  const { origin } = await testStack()
  const [mine, other] = await Promise.all([1, 2].map(async () => (await newContext(browser)).newPage()))
  if (mine === undefined || other === undefined) throw new Error('No pages.')
  await isolate(mine)
  await signIn(mine, origin)
  await stopTimers(mine)
  await signIn(other, origin)
  await other.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await other.locator('#sessions li').nth(1).waitFor({ state: 'detached' })
  expect(await html(mine)).toMatch(PRIVATE)

  await focus(mine)
  await mine.getByRole('alert').getByText('Your session was ended').waitFor()
  expect(await html(mine)).not.toMatch(PRIVATE)
})

it('says why the session was ended, also when a refused call is faster than the event', async () => {
  const { origin } = await testStack()
  const [mine, other] = await Promise.all([1, 2].map(async () => (await newContext(browser)).newPage()))
  if (mine === undefined || other === undefined) throw new Error('No pages.')
  await holdEnding(mine, 'body[data-state=signed-out]')
  await signIn(mine, origin)
  await signIn(other, origin)
  await other.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await other.locator('#sessions li').nth(1).waitFor({ state: 'detached' })

  await focus(mine)
  await mine.getByRole('alert').getByText('You signed this browser out from another one').waitFor()
  expect(await html(mine)).not.toMatch(PRIVATE)
})

it('warns before the session ends, lets one stay, and never keeps a session awake by asking', async () => {
  const clock = jumpClock()
  const { store, origin } = await testStack({ clock })
  const page = await (await newContext(browser)).newPage()
  await signIn(page, origin)
  await page.getByLabel('every 10 s').uncheck()
  const endsAt = async () => (await store.sessions.list({ userId: 'alice' })).records[0]?.expiresAt
  const before = await endsAt()

  clock.jump(8 * HOUR - 90_000)
  await focus(page)
  const warning = page.getByRole('alert').getByText('you will be signed out at')
  await warning.waitFor()
  expect(await endsAt()).toBe(before)
  await page.getByRole('button', { name: 'Stay signed in' }).click()
  await warning.waitFor({ state: 'hidden' })
  expect(await endsAt()).toBe(clock.now() + 8 * HOUR)

  clock.jump(8 * HOUR + 1)
  await focus(page)
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(await html(page)).not.toMatch(PRIVATE)
})

it('shows nothing private when one goes back after signing out in the same tab', async () => {
  const { origin } = await testStack()
  const page = await (await newContext(browser)).newPage()
  const place = () => page.evaluate(() => history.length)
  await signIn(page, origin)
  const signedIn = await place()
  await page.goto(`${origin}/?again`)
  await page.locator(FIRST_ORDER).first().waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  for (const target of [signedIn + 1, signedIn]) {
    const steps = target - (await place())
    await page.evaluate((delta) => history.go(delta), steps)
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await html(page)).not.toMatch(PRIVATE)
    await page.evaluate((delta) => history.go(delta), -steps)
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
  }
})

it('lets one turn back at the provider and begin again, in this tab or in another', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').fill('ali')
  await page.goBack({ waitUntil: 'commit' })
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()

  const otherTab = await context.newPage()
  await signIn(otherTab, origin, 'bob')
  // The attempt that was begun before is still good, and whoever completes it is signed in, in both tabs.
  await signInAtProvider(page, 'alice')
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  await otherTab.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  expect(await html(otherTab)).not.toMatch(/Cratchit|bob@/)
})

it('offers a way forward after more than ten minutes at the provider', async () => {
  const clock = jumpClock()
  const { events, origin } = await testStack({ clock })
  const page = await (await newContext(browser)).newPage()
  await page.goto(origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()
  clock.jump(11 * MINUTE)
  await signInAtProvider(page)
  await page.getByRole('alert').getByText('just sign in again').waitFor()
  expect(events.map(({ type }) => type)).toContain('login.failed')
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
})

it('does not complain about a sign-in that is opened a second time when it has worked the first time', async () => {
  const { origin } = await testStack()
  const page = await (await newContext(browser)).newPage()
  const callbacks: string[] = []
  page.on('request', (request) => {
    if (request.url().startsWith(`${origin}/bff/callback`)) callbacks.push(request.url())
  })
  await signIn(page, origin)
  await page.goto(callbacks[0] ?? '')
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(page.url()).toBe(`${origin}/`)
})
