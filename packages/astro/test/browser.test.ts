import { browseForAllTests, signInAfter } from '@bff/test-support/visitor'
import { expect, it } from 'vitest'
import { astroServer } from './support/astro-server.ts'

const { open } = browseForAllTests(astroServer)

it('opens a guarded page by the client router, saves its form without a reload, and opens the sign-in as a document once the session has ended', async () => {
  const { page, visits, end } = await open('alice')
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'The account of alice' }).waitFor()
  await page.getByLabel('Note').fill('milk')
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.getByRole('status').textContent()).toBe('milk by alice')
  expect(visits.filter(({ path }) => path === '/private').map(({ kind }) => kind)).not.toContain('document')
  await end()
  await page.getByLabel('Note').fill('bread')
  const signIn = await signInAfter(page, () => page.getByRole('button', { name: 'Save' }).click())
  expect(signIn[0]).toBe('document')
  expect(signIn[1]).toMatch(/^\/private/)
})

it('begins no sign-in when a link is only hovered, and one as a document when it is clicked', async () => {
  const { page, visits } = await open(null)
  const link = page.getByRole('link', { name: 'Account' })
  const prefetched = page.waitForResponse((response) => response.url().includes('/private'))
  await link.hover()
  expect((await prefetched).status()).toBe(401)
  expect(visits.map(({ path }) => path)).not.toContain('/bff/login')
  expect(await signInAfter(page, () => link.click())).toEqual(['document', '/private?tab=orders'])
})
