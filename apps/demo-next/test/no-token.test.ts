import { generateEncryptionKey } from '@bff/core'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { eavesdrop, freePorts, signIn } from '@bff/test-support/demo'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { startStack } from '../src/launch/stack.ts'
import { tapTokens } from './support/token-tap.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('outlives its token without the browser noticing or ever seeing one', async () => {
  const tokens = tapTokens()
  const { idp, api, app, close } = await startStack({
    ports: await freePorts(),
    encryptionKey: generateEncryptionKey(),
    sqlitePath: null,
    idp: { accessTokenLifetime: 8 },
  })
  onTestFinished(close)
  const context = await newContext(browser)
  const overheard = await eavesdrop(context)
  const page = await context.newPage()

  await signIn(page, app.origin)
  await page.getByLabel('every 10 s').uncheck()
  await page.locator('#token-expiry[data-left=expired]').waitFor()
  await overheard.readPage(page)
  const { refreshes } = idp.stats
  const answered = page.waitForResponse(`${app.origin}/api/orders`)
  await page.getByRole('button', { name: 'Reload' }).click()
  expect((await answered).status()).toBe(200)
  await page.locator('#token-expiry[data-left=fresh]').waitFor()
  expect(idp.stats.refreshes).toBe(refreshes + 1)

  // Again, and this time a server action is the first to need a token.
  await page.locator('#token-expiry[data-left=expired]').waitFor()
  await page.getByLabel('Item').fill('Enamel coffee pot')
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByText(/^Order N-\d+ placed/).waitFor()
  expect(idp.stats.refreshes).toBeGreaterThan(refreshes + 1)
  const calls = api.requests.filter(({ path }) => path === '/orders')
  expect(new Set(calls.map(({ authScheme }) => authScheme))).toEqual(new Set(['DPoP']))
  await overheard.readStream(page, '/bff/events')
  await overheard.readPage(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  await overheard.readPage(page)

  const seen = await overheard.seen()
  expect(tokens.filter(({ kind }) => kind === 'access_token').length).toBeGreaterThanOrEqual(3)
  const leaks = tokens.flatMap(({ kind, value }) =>
    seen.filter(({ text }) => text.includes(value)).map(({ where }) => `${kind} in ${where}`),
  )
  expect(leaks).toEqual([])
  // Nor anything else that looks like a signed token.
  expect(seen.filter(({ text }) => /eyJ[\w-]{8,}\./.test(text)).map(({ where }) => where)).toEqual([])
  // The Content Security Policy kept nothing of our own away, and React found what the server had rendered.
  expect(seen.filter(({ where }) => where === 'console').map(({ text }) => text)).toEqual([])
})
