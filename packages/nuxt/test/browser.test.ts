import { browseForAllTests, signInAfter, type Visitor } from '@bff/test-support/visitor'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { nuxtServer } from './support/nuxt-server.ts'

const browser = browseForAllTests(nuxtServer)

interface NuxtVisitor extends Visitor {
  /** What Vue and Nuxt have complained about. */
  readonly complaints: string[]
}

/** On Nuxt's production build. */
async function open(userId: string | null, path = '/'): Promise<NuxtVisitor> {
  const visitor = await browser.visit(userId)
  const { page } = visitor
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(browser.origin + path)
  await hydrated(page)
  return { ...visitor, complaints }
}

/** Before, a click on a link is the browser's own. */
const hydrated = (page: Page) => page.waitForFunction('window.useNuxtApp?.().isHydrating === false')

const link = (page: Page) => page.getByRole('link', { name: 'Account' })
const account = (page: Page) => page.getByRole('heading', { name: 'The account of alice' })
const isQuestion = ({ path }: { readonly path: string }) => path === '/bff/session' || path === '/bff/user'

it('A page begins with the session that its server has rendered, without a request or a complaint', async () => {
  const { page, visits, complaints } = await open('alice', '/account')
  await account(page).waitFor()
  expect(visits.filter(isQuestion)).toEqual([])
  expect(complaints).toEqual([])
})

it('A signed-in user opens a guarded page by the client router, and signs out in two tabs', async () => {
  const { page, context, visits } = await open('alice')
  await link(page).click()
  await account(page).waitFor()
  expect(visits.filter(({ kind }) => kind === 'document')).toHaveLength(1)

  const other = await context.newPage()
  await other.goto(`${browser.origin}/account`)
  await account(other).waitFor()
  await hydrated(other)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await other.getByText('signed-out').waitFor()
})

it('No sign-in begins when a link is shown or hovered, and one as a document when it is clicked', async () => {
  const { page, visits } = await open(null)
  await link(page).hover()
  await page.waitForLoadState('networkidle')
  expect(visits.map(({ path }) => path)).not.toContain('/bff/login')
  expect(await signInAfter(page, () => link(page).click())).toEqual(['document', '/account?tab=orders'])
})

it('A user whose session has ended elsewhere gets from the client router to the sign-in', async () => {
  const { page, end } = await open('alice')
  await end()
  expect(await signInAfter(page, () => link(page).click())).toEqual(['document', '/account?tab=orders'])
})
