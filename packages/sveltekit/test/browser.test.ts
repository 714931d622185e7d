import { browseForAllTests, signInAfter } from '@bff/test-support/visitor'
import { expect, it } from 'vitest'
import { svelteKitServer } from './support/svelte-kit-server.ts'

const { open } = browseForAllTests(svelteKitServer)

it('hydrates a guarded page and saves its form without a reload', async () => {
  const { page, visits } = await open('alice')
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { name: 'The account of alice' }).waitFor()
  await page.getByLabel('Note').fill('milk')
  const before = visits.length
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('status').waitFor()
  expect(await page.getByRole('status').textContent()).toBe('milk by alice')
  expect(visits[before]?.path).toBe('/private')
})

it('begins no sign-in when a link is only hovered, and one when it is clicked', async () => {
  const { page, visits } = await open(null)
  const link = page.getByRole('link', { name: 'Account' })
  // Before that, nobody listens for the pointer.
  await page.getByText('hydrated').waitFor()
  const preloaded = page.waitForResponse((response) => response.url().includes('__data.json'))
  await link.hover()
  await preloaded
  expect(visits.map(({ path }) => path)).not.toContain('/bff/login')
  const [, returnTo] = await signInAfter(page, () => link.click())
  expect(returnTo).toBe('/private?tab=orders')
})

it('takes a user whose session has ended from the form to the sign-in', async () => {
  const { page, end } = await open('alice')
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByLabel('Note').fill('milk')
  await end()
  const [, returnTo] = await signInAfter(page, () => page.getByRole('button', { name: 'Save' }).click())
  expect(returnTo).toBe('/private')
})

it('opens the sign-in from a link with data-sveltekit-reload, and SvelteKit reports no error', async () => {
  const { page } = await open(null)
  await page.getByText('hydrated').waitFor()
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  const [kind] = await signInAfter(page, () => page.getByRole('link', { name: 'Sign in' }).click())
  expect(kind).toBe('document')
  expect(errors).toEqual([])
})
