import { launchChromium, newContext } from '@bff/test-support/browser'
import { signIn } from '@bff/test-support/demo'
import { httpClient } from '@bff/test-support/http-client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testStack } from './support/test-stack.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('a logout at the provider ends the session here, and tells the open page [LGO-10, LGO-12]', async () => {
  const { idp, origin, events } = await testStack()
  const page = await (await newContext(browser)).newPage()
  await signIn(page, origin)
  const bob = httpClient(origin)
  await bob.signIn('bob')
  expect(await idp.backchannelLogout('alice')).toEqual({ delivered: 1, failed: 0 })
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'auth.logout', by: 'backchannel', userId: 'alice' }),
  )
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect((await bob.call('/bff/user')).status).toBe(200)
})

it('signing out here, the provider’s own call to us finds it done [LGO-14]', async () => {
  const { origin, events } = await testStack()
  const page = await (await newContext(browser)).newPage()
  await signIn(page, origin)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  expect(
    events.filter(({ type }) => type === 'auth.logout').map((event) => 'by' in event && event.by),
  ).toEqual(['local'])
  expect(events.filter(({ type }) => type === 'logout.failed')).toEqual([])
})

/** Signs in silently in a frame of a page that `base` serves without a policy of its own; the messages the page got, at least `expected`. */
async function framing(page: Page, base: string, target: string, expected = 1): Promise<unknown> {
  await page.goto(`${base}/nothing-here`)
  const heard = await page.evaluateHandle((src) => {
    const messages: unknown[] = []
    addEventListener('message', ({ origin, data }) => messages.push([origin, data]))
    const frame = document.createElement('iframe')
    frame.hidden = true
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    frame.src = src
    document.body.append(frame)
    return { loaded, messages }
  }, `${target}/bff/silent-login`)
  // A frame's script has run when it has loaded, and its message mostly stands in the queue before this; it may come later.
  return heard.evaluate(async ({ loaded, messages }, least) => {
    await loaded
    await new Promise((resolve) => setTimeout(resolve))
    while (messages.length < least)
      await new Promise((resolve) => addEventListener('message', resolve, { once: true }))
    return messages
  }, expected)
}

it('a page signs in silently in a frame while the provider knows the person, and hears when it does not', async () => {
  const { origin, idp } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  expect(await framing(page, origin, origin)).toEqual([
    [origin, { source: 'bff-silent-login', isLoggedIn: false, error: 'login_failed' }],
  ])
  expect((await context.cookies(origin)).filter(({ name }) => name.startsWith('bff'))).toEqual([])

  await signIn(page, origin)
  const old = (await context.cookies(origin)).find(({ name }) => name === 'bff')
  await context.clearCookies({ name: 'bff' })
  expect(await framing(page, origin, origin)).toEqual([
    [origin, { source: 'bff-silent-login', isLoggedIn: true }],
  ])
  const fresh = (await context.cookies(origin)).find(({ name }) => name === 'bff')
  expect(fresh).toMatchObject({ sameSite: 'Strict', httpOnly: true })
  expect(fresh?.value).not.toBe(old?.value)
  await page.goto(origin)
  await page.getByRole('heading', { name: 'Hello, Alice' }).waitFor()

  await idp.backchannelLogout('alice')
  expect(await framing(page, origin, origin)).toMatchObject([[origin, { isLoggedIn: false }]])
})

it('a page of another origin can neither frame the answer nor begin a sign-in [BFF-24]', async () => {
  const { origin, events } = await testStack()
  const context = await newContext(browser)
  const page = await context.newPage()
  await signIn(page, origin)
  const begun = events.filter(({ type }) => type === 'login.started').length
  const elsewhere = origin.replace('localhost', '127.0.0.1')
  expect(await framing(page, elsewhere, origin, 0)).toEqual([])
  expect(events.filter(({ type }) => type === 'login.started')).toHaveLength(begun)
})
