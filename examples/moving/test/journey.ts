import { signInAtProvider } from '@bff/test-support/browser'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Move } from './moves.ts'

/** A call with the cookies of the browser and the headers that pages add; it follows no redirect. */
export async function call(
  page: Page,
  url: string,
  method = 'GET',
): Promise<{ status: number; text: string }> {
  const headers = { 'x-csrf': '1', origin: new URL(url).origin }
  const response = await page.request.fetch(url, { method, headers, maxRedirects: 0 })
  return { status: response.status(), text: await response.text() }
}

/** What a person does in every app after: signs in, reads the profile, calls the API, signs out. */
export async function expectJourney(page: Page, origin: string, { profile, callsApi }: Move): Promise<void> {
  await page.goto(`${origin}/bff/login`)
  await signInAtProvider(page)
  await page.waitForURL((url) => url.origin === origin && !url.pathname.startsWith('/bff/'))
  const shown = await call(page, `${origin}/profile`)
  expect([shown.status, JSON.parse(shown.text)]).toEqual([200, profile])
  if (callsApi) expect((await call(page, `${origin}/orders`)).text).toContain('2BD8-1001')
  expect((await call(page, `${origin}/bff/logout`, 'POST')).status).toBe(200)
  expect((await call(page, `${origin}/profile`)).status).toBe(401)
}
