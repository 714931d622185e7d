import type { BrowserContext, Page } from 'playwright-core'
import { signInAtProvider } from '../browser.ts'

export const FIRST_ORDER = '#orders tbody tr'
/** Alice's name, address and orders. */
export const PRIVATE = /Liddell|alice@|2BD8-/

/** Opens the demo, signs in and waits for the orders. */
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
