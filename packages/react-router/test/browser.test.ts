import { launchChromium } from '@bff/test-support/browser'
import { signInAfter, type Visitor, visit } from '@bff/test-support/visitor'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveFixture } from './support/fixture.ts'

let browser: Browser
let server: Awaited<ReturnType<typeof serveFixture>>
let origin: string
beforeAll(async () => {
  ;[browser, server] = await Promise.all([launchChromium(), serveFixture()])
  origin = server.origin.replace('127.0.0.1', 'localhost')
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** On React Router's production build. */
async function open(userId: string | null): Promise<Visitor> {
  const visitor = await visit({ browser, origin, userId })
  await visitor.page.goto(origin)
  return visitor
}

it('saves the form of a guarded page without a reload, and opens the sign-in as a document once the session has ended', async () => {
  const { page, visits, end } = await open('alice')
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'The account of alice' }).waitFor()
  await page.getByLabel('Note').fill('milk')
  visits.length = 0
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.getByRole('status').textContent()).toBe('milk by alice')
  expect(visits[0]).toEqual({ path: '/private.data', kind: 'fetch' })
  await end()
  expect(await signInAfter(page, () => page.getByRole('button', { name: 'Save' }).click())).toEqual([
    'document',
    '/private',
  ])
})

it('begins no sign-in when a link is only hovered, and one as a document when it is clicked', async () => {
  const { page, visits } = await open(null)
  const link = page.getByRole('link', { name: 'Account' })
  const prefetched = page.waitForResponse((response) => response.url().includes('/private.data'))
  await link.hover()
  await prefetched
  expect(visits.map(({ path }) => path)).not.toContain('/bff/login')
  expect(await signInAfter(page, () => link.click())).toEqual(['document', '/private?tab=orders'])
})
