import { fileURLToPath } from 'node:url'
import { createBffClient } from '@bff/client'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { renderToString } from 'react-dom/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { reactApp } from './support/react-app.ts'
import { testStack } from './support/test-stack.ts'

let browser: Browser
let script = ''

beforeAll(async () => {
  const [launched, built] = await Promise.all([launchChromium(), bundle()])
  browser = launched
  script = built
})
afterAll(() => browser?.close())

/** React's development build: its StrictMode mounts everything twice. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('support/react-page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    conditions: ['@bff/source'],
    define: { 'process.env.NODE_ENV': '"development"' },
    write: false,
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** Adds a page that a server has rendered with React to the demo's own. */
async function serve(context: BrowserContext): Promise<void> {
  const body = `<!doctype html><div id="root">${renderToString(reactApp(createBffClient()))}</div>
    <script type="module" src="/react.js"></script>`
  await context.route(/\/react(\?.*)?$/, (route) => route.fulfill({ contentType: 'text/html', body }))
  await context.route('**/react.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  )
}

const problems = (page: Page) => page.evaluate<unknown>('problems')

async function signIn(page: Page): Promise<void> {
  const url = page.url()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signInAtProvider(page)
  await page.waitForURL(url)
  // A page served here cannot be the end of a redirect.
  await page.reload()
  await page.getByRole('heading', { name: 'Hello, Alice Liddell' }).waitFor()
}

function countQuestions(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname === '/bff/session' || pathname === '/bff/user') asked.push(pathname)
  })
  return asked
}

it('signs in and out with React, agrees with what the server rendered, and asks once in StrictMode', async () => {
  const { origin } = await testStack()
  const context = await newContext(browser)
  await serve(context)
  const [page, other] = [await context.newPage(), await context.newPage()]
  await other.goto(`${origin}/react`)
  await other.getByRole('button', { name: 'Sign in' }).waitFor()

  const asked = countQuestions(page)
  await page.goto(`${origin}/react?page=2`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(asked).toEqual(['/bff/session'])
  asked.length = 0
  await signIn(page)
  expect(page.url()).toBe(`${origin}/react?page=2`)
  expect(asked).toEqual(['/bff/session', '/bff/user'])
  expect(await page.locator('output').textContent()).toBe('signed-in')
  expect(await problems(page)).toEqual([])
  await other.getByRole('heading', { name: 'Hello, Alice Liddell' }).waitFor()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${origin}/react?bye`)
  await other.getByRole('button', { name: 'Sign in signed_out_elsewhere' }).waitFor()
  expect(await problems(other)).toEqual([])
})

it('renders that the session is about to end, or over, and leaves nothing behind when unmounted', async () => {
  const clock = jumpClock()
  const { demo, store, origin } = await testStack({ clock })
  const context = await newContext(browser)
  await serve(context)
  const page = await context.newPage()
  const asked = countQuestions(page)
  await page.goto(`${origin}/react`)
  await signIn(page)

  clock.jump(8 * 3_600_000 - 60_000)
  await page.evaluate(() => void window.dispatchEvent(new Event('focus')))
  await page.getByRole('button', { name: 'Stay' }).click()
  await page.getByRole('button', { name: 'Stay' }).waitFor({ state: 'detached' })

  const [record] = (await store.sessions.list({ userId: 'alice' })).records
  if (record !== undefined) await demo.bff.sessions.revoke(record.handle)
  expect(await page.evaluate<number>('call("/api/orders")')).toBe(401)
  await page.getByRole('button', { name: 'Sign in invalid_session' }).waitFor()

  await page.evaluate('unmount()')
  asked.length = 0
  await page.evaluate(() => void window.dispatchEvent(new Event('focus')))
  expect(await page.evaluate(async () => (await fetch('/favicon.svg')).status)).toBe(200)
  expect(asked).toEqual([])
})

it('sends the CSRF header to no other origin, wherever that is [CSR-12]', async () => {
  const { origin, idp } = await testStack()
  const context = await newContext(browser)
  await serve(context)
  const page = await context.newPage()
  const sent: Array<[origin: string, header: string | undefined]> = []
  await context.route(/\/header-test/, (route) => {
    const request = route.request()
    sent.push([new URL(request.url()).origin, request.headers()['x-csrf']])
    return route.fulfill({ body: '{}', headers: { 'access-control-allow-origin': '*' } })
  })
  await page.goto(`${origin}/react`)
  const { port } = new URL(origin)
  const elsewhere = [`http://127.0.0.1:${port}`, new URL(idp.issuer).origin, 'https://app.example.com']
  const targets = [
    '/header-test',
    `${origin}/header-test`,
    ...elsewhere.map((other) => `${other}/header-test`),
  ]
  for (const target of [...targets, `//127.0.0.1:${port}/header-test`])
    await page.evaluate<number>(`call(${JSON.stringify(target)})`)
  expect(sent).toEqual([
    [origin, '1'],
    [origin, '1'],
    ...elsewhere.map((other) => [other, undefined]),
    [`http://127.0.0.1:${port}`, undefined],
  ])
})
