import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type BffEvent, createBff, generateEncryptionKey } from '@bff/core'
import { NodeRequestView, nodeListener } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { launchChromium, signInAtProvider } from '@bff/test-support/browser'
import { startProvider } from '@bff/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

const tls = (part: string) =>
  readFileSync(new URL(`../../../packages/node/test/tls/localhost.${part}.pem`, import.meta.url))

/** What the browser sent to the callback. */
interface Callback {
  readonly method: string | undefined
  readonly site: string | string[] | undefined
  /** Names without what is random. */
  readonly cookies: readonly string[]
}

/** An app over TLS on 127.0.0.1, whose provider, on localhost, is another site and answers by form. */
async function startSites(parameters: Readonly<Record<string, string>> = {}) {
  const server = createServer({ cert: tls('cert'), key: tls('key') })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const origin = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const idp = await startProvider({ appOrigins: [origin], backchannelLogoutUri: null })
  const events: BffEvent[] = []
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: oidc({ issuer: idp.issuer, ...idp.clients.basic, responseMode: 'form_post' }),
    login: { parameters },
    onEvent: (event) => events.push(event),
  })
  const callbacks: Callback[] = []
  const listen = nodeListener(bff, async (req, res) => {
    const session = await bff.getSession(new NodeRequestView(req, res))
    const greeting = session === null ? 'Signed out' : `Hello, ${session.userId}`
    const html = `<h1>${greeting}</h1><a href="/bff/login?returnTo=/welcome">sign in</a>`
    res.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(html)
  })
  server.on('request', (req, res) => {
    if (req.url?.startsWith('/bff/callback')) {
      const { cookie = '', 'sec-fetch-site': site } = req.headers
      const names = cookie.split('; ').flatMap((pair) => pair.split('=', 1))
      const cookies = names.filter(Boolean).map((name) => name.replace(/-login-.*/, '-login'))
      callbacks.push({ method: req.method, site, cookies })
    }
    listen(req, res)
  })
  onTestFinished(async () => {
    await bff.close()
    await idp.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { bff, events, callbacks, origin, idp }
}

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  onTestFinished(() => context.close())
  return context.newPage()
}

const greeting = (page: Page, text: string) => page.getByRole('heading', { name: text }).waitFor()

async function signIn(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await page.getByRole('link', { name: 'sign in' }).click()
  await signInAtProvider(page)
  await greeting(page, 'Hello, alice')
}

it('signs in by a form from another site, which brings no cookie: the GET after it does', async () => {
  const { callbacks, origin } = await startSites()
  const page = await newPage()
  await signIn(page, origin)
  expect(page.url()).toBe(`${origin}/welcome`)
  expect(callbacks).toEqual([
    { method: 'POST', site: 'cross-site', cookies: [] },
    { method: 'GET', site: 'cross-site', cookies: ['__Host-Http-bff-login'] },
  ])
  const cookies = await page.context().cookies(origin)
  expect(cookies.map(({ name, sameSite }) => [name, sameSite])).toEqual([['__Host-Http-bff', 'Strict']])
})

it('replaces the session that a person had before', async () => {
  const { bff, origin, idp } = await startSites()
  const page = await newPage()
  await signIn(page, origin)
  const before = await page.context().cookies(origin)
  await page.getByRole('link', { name: 'sign in' }).click()
  await expect.poll(() => page.context().cookies(origin)).not.toEqual(before)
  await greeting(page, 'Hello, alice')
  expect(await bff.sessions.countActive({ userId: 'alice', issuer: idp.issuer })).toBe(1)
})

it('brings a refusal of the provider back to the app', async () => {
  const { callbacks, events, origin } = await startSites({ prompt: 'none' })
  const page = await newPage()
  await page.goto(origin)
  await page.getByRole('link', { name: 'sign in' }).click()
  await page.waitForURL(`${origin}/?error=login_failed`)
  await greeting(page, 'Signed out')
  expect(callbacks.map(({ method }) => method)).toEqual(['POST', 'GET'])
  const reasons = events.flatMap((event) => (event.type === 'login.failed' ? [event.reason] : []))
  expect(reasons).toEqual([expect.stringContaining('login_required')])
})

it('signs nobody in whose sign-in began in another browser', async () => {
  const { origin } = await startSites()
  const [victim, attacker] = [await newPage(), await newPage()]
  await attacker.goto(origin)
  let form = ''
  await attacker.route(`${origin}/bff/callback`, (route) => {
    form = route.request().postData() ?? ''
    return route.abort()
  })
  await attacker.getByRole('link', { name: 'sign in' }).click()
  await signInAtProvider(attacker)
  await expect.poll(() => form).toContain('code=')
  const inputs = [...new URLSearchParams(form)].map(
    ([name, value]) => `<input name="${name}" value="${value}">`,
  )
  await victim.setContent(
    `<form method="post" action="${origin}/bff/callback">${inputs.join('')}<button>Go</button></form>`,
  )
  await victim.getByRole('button', { name: 'Go' }).click()
  await victim.waitForURL(`${origin}/?error=login_expired`)
  await greeting(victim, 'Signed out')
})
