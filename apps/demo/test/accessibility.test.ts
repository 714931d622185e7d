import { violationsOf } from '@bff/test-support/accessibility'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { signIn } from '@bff/test-support/demo'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testStack } from './support/test-stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('axe-core finds nothing wrong on any page of the demo and its provider, on a desktop and a phone, light and dark', async () => {
  const { origin } = await testStack()
  const page = await (await newContext(browser)).newPage()
  await page.goto(`${origin}/?error=login_cancelled`)
  await page.getByRole('alert').waitFor()
  expect(['signed out', ...(await violationsOf(page))]).toEqual(['signed out'])
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()
  expect(['provider', ...(await violationsOf(page))]).toEqual(['provider'])

  await signIn(page, origin)
  await page.getByText(/^GET \/api\/orders at /).waitFor()
  await page.getByRole('button', { name: 'Run the attacks' }).click()
  await page.locator('#attacks-list > li').nth(4).waitFor()
  await page.getByRole('button', { name: 'Copy all cookies' }).click()
  await page.locator('#copied > li').waitFor()
  for (const summary of await page.locator('summary').all()) await summary.click()
  await page.getByRole('button', { name: 'API down' }).click()
  await page.getByText('Down. You see:').waitFor()
  expect(['signed in', ...(await violationsOf(page))]).toEqual(['signed in'])

  const link = page.getByRole('link', { name: 'Security: what stops which attack' })
  await page.goto((await link.getAttribute('href')) ?? '')
  expect(['document', ...(await violationsOf(page))]).toEqual(['document'])
}, 180_000)
