import { launchChromium } from '@bff/test-support/browser'
import { eavesdrop } from '@bff/test-support/demo'
import type { Browser, Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { testStack } from './support/test-stack.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

async function newPage(): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context.newPage()
}

const openWallet = (page: Page) => page.getByRole('button', { name: 'Sign in with a wallet' }).click()
const firstOrder = (page: Page) => page.locator('#orders tbody tr').first()

it('signs in with the development wallet, calls the API, signs out, and never sees a token', async () => {
  const { origin, api, events } = await testStack()
  const page = await newPage()
  const overheard = await eavesdrop(page.context())
  await page.goto(origin)
  await openWallet(page)
  const message = await page.locator('dialog.wallet pre').textContent()
  expect(message).toMatch(
    /^localhost:\d+ wants you to sign in with your Ethereum account:\n0x[0-9a-fA-F]{40}\n/,
  )
  const address = message?.split('\n')[1] ?? ''
  await page.getByRole('button', { name: 'Sign', exact: true }).click()
  await page.getByRole('heading', { name: `Hello, ${address.slice(0, 6)}` }).waitFor()
  await firstOrder(page).waitFor()
  expect(api.requests.find(({ path }) => path === '/orders')?.authScheme).toBe('Bearer')
  expect(await page.locator('#browser-cookie').textContent()).toBe('empty')
  await overheard.readPage(page)

  // The page can ask for new tokens, which come from the BFF itself.
  await page.getByRole('button', { name: /refresh/i }).click()
  await page.getByText('Tokens refreshed on the server').waitFor()
  await page.reload()
  await firstOrder(page).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'auth.logout', by: 'wallet', user_address: address }),
  )
  // The challenge is a token of its own kind, and of no use once answered.
  const seen = (await overheard.seen()).filter(({ where }) => !where.includes('/auth/'))
  expect(seen.filter(({ text }) => /eyJ[\w-]{8,}\./.test(text)).map(({ where }) => where)).toEqual([])
  const login = (await overheard.seen()).filter(({ where }) => where.endsWith(`200 to ${origin}/auth/login`))
  expect(login.map(({ text }) => text)).toContain(JSON.stringify({ address }))
})

it('stays signed out when the person refuses to sign', async () => {
  const { origin } = await testStack()
  const page = await newPage()
  await page.goto(origin)
  await openWallet(page)
  await page.getByRole('button', { name: 'Refuse' }).click()
  await page.getByText('You refused to sign').waitFor()
  await openWallet(page)
  await page.locator('dialog.wallet').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('You refused to sign').waitFor()
  expect((await page.context().cookies()).filter(({ name }) => name === 'bff')).toEqual([])
})

type Account = ReturnType<typeof privateKeyToAccount>
const newAccount = (): Account => privateKeyToAccount(generatePrivateKey())

/** Puts a wallet into the page as an extension does. Answers the methods it was asked for. */
async function installExtension(page: Page, shown: Account, signs = shown): Promise<string[]> {
  const asked: string[] = []
  await page.exposeFunction('askExtension', async (method: string, [message]: string[]) => {
    asked.push(method)
    if (method === 'eth_requestAccounts') return [shown.address.toLowerCase()]
    return signs.signMessage({ message: { raw: message as `0x${string}` } })
  })
  await page.addInitScript(() => {
    const ask: unknown = Reflect.get(window, 'askExtension')
    const request = ({ method, params = [] }: { method: string; params?: unknown[] }) =>
      typeof ask === 'function' ? ask(method, params) : null
    Reflect.set(window, 'ethereum', { request })
  })
  return asked
}

it('signs in with the wallet of an extension, by EIP-1193', async () => {
  const { origin } = await testStack()
  const account = newAccount()
  const page = await newPage()
  const asked = await installExtension(page, account)
  const requested: string[] = []
  page.on('request', (request) => requested.push(new URL(request.url()).pathname))
  await page.goto(origin)
  await openWallet(page)
  await page.getByRole('heading', { name: `Hello, ${account.address.slice(0, 6)}` }).waitFor()
  await firstOrder(page).waitFor()
  expect(asked).toEqual(['eth_requestAccounts', 'personal_sign'])
  expect(requested).not.toContain('/development-wallet.js')
})

it('says so when the extension signs with another key', async () => {
  const { origin, events } = await testStack()
  const page = await newPage()
  await installExtension(page, newAccount(), newAccount())
  await page.goto(origin)
  await openWallet(page)
  await page.getByText('The signature was not accepted').waitFor()
  expect(events).toContainEqual(expect.objectContaining({ type: 'wallet.refused', reason: 'signature' }))
})
