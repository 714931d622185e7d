import { generateEncryptionKey } from '@bff/core'
import { violationsOf } from '@bff/test-support/accessibility'
import { launchChromium, newContext } from '@bff/test-support/browser'
import { freePorts, signIn } from '@bff/test-support/demo'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { startStack } from '../src/launch/stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

it('axe-core finds nothing wrong on any page of the demo in Next.js, on a desktop and a phone, light and dark', async () => {
  const { app, close } = await startStack({
    ports: await freePorts(),
    encryptionKey: generateEncryptionKey(),
    sqlitePath: null,
  })
  onTestFinished(close)
  const page = await (await newContext(browser)).newPage()
  await page.goto(`${app.origin}/?ended=user_revoked`)
  await page.getByRole('alert').getByText('signed this browser out').waitFor()
  expect(['signed out', ...(await violationsOf(page))]).toEqual(['signed out'])
  await page.goto(`${app.origin}/nowhere`)
  expect(['not found', ...(await violationsOf(page))]).toEqual(['not found'])

  await signIn(page, app.origin)
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByText(/^GET \/api\/orders at /).waitFor()
  await page.getByRole('button', { name: 'Run the attacks' }).click()
  await page.locator('#attacks-list > li').nth(4).waitFor()
  await page.getByRole('button', { name: 'Copy all cookies' }).click()
  await page.locator('#copied > li').waitFor()
  for (const summary of await page.locator('summary').all()) await summary.click()
  expect(['signed in', ...(await violationsOf(page))]).toEqual(['signed in'])
  await page.goto(`${app.origin}/profile`)
  await page.getByRole('heading', { name: 'What the provider says about you' }).waitFor()
  expect(['profile', ...(await violationsOf(page))]).toEqual(['profile'])
}, 180_000)
