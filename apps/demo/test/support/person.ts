import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export const FIRST_ORDER = '#orders tbody tr'
/** Alice's name, address and orders. */
export const PRIVATE = /Liddell|alice@|2BD8-/

/** A browser of its own, with its own cookies, until the test is over. What a failed test leaves on its pages is printed. */
export async function newContext(browser: Browser, options?: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') for (const page of context.pages()) await print(page)
    await context.close()
  })
  return context
}

async function print(page: Page): Promise<void> {
  const outline = await page.locator('body').ariaSnapshot({ timeout: 1000 }).catch(String)
  console.error(`${page.url()}\n${outline}\n`)
}

/** What a person does at the provider, when it asks who they are. */
export async function signInAtProvider(page: Page, user = 'alice'): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill('any')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function signIn(page: Page, origin: string, user = 'alice'): Promise<void> {
  await page.goto(origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await signInAtProvider(page, user)
  await page.locator(FIRST_ORDER).first().waitFor()
}

export const callFromPage = (page: Page, path: string) =>
  page.evaluate(async (target) => {
    const response = await fetch(target, { headers: { 'x-csrf': '1' } })
    return { status: response.status, text: await response.text() }
  }, path)

export const sessionCookies = async (context: BrowserContext) =>
  (await context.cookies()).filter(({ name }) => name === 'bff')
