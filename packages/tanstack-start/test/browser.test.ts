import { browseForAllTests, signInAfter } from '@bff/test-support/visitor'
import { expect, it } from 'vitest'
import { serveFixture } from './support/fixture.ts'

const { open } = browseForAllTests(serveFixture)

it('calls a server function from a guarded page without a reload, and opens the sign-in as a document once the session has ended', async () => {
  const { page, visits, end } = await open('alice')
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'The account of alice' }).waitFor()
  await page.getByLabel('Note').fill('milk')
  visits.length = 0
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.getByRole('status').textContent()).toBe('milk by alice')
  expect(visits.map(({ kind }) => kind)).toEqual(['fetch'])
  await end()
  expect(await signInAfter(page, () => page.getByRole('button', { name: 'Save' }).click())).toEqual([
    'document',
    '/private?tab=orders',
  ])
})

it('begins no sign-in when a link is only hovered, and one as a document when it is clicked', async () => {
  const { page, visits } = await open(null)
  const link = page.getByRole('link', { name: 'Account' })
  const preloaded = page.waitForResponse((response) => response.url().includes('/_serverFn/'))
  await link.hover()
  await (await preloaded).finished()
  expect(visits.map(({ path }) => path)).not.toContain('/bff/login')
  expect(await signInAfter(page, () => link.click())).toEqual(['document', '/private?tab=orders'])
})
