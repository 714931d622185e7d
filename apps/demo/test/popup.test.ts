import { createServer, type RequestListener } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createBff, generateEncryptionKey } from '@bff/core'
import { popupSignIn, signInParameters } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { nodeListener } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import { freePorts, sessionCookies } from '@bff/test-support/demo'
import { startProvider } from '@bff/testing'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

async function listen(port: number, listener: RequestListener): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
}

const PAGE = `<!doctype html><title>Transfer</title><label>Amount <input id="amount"></label>
  <button id="send">Send</button><output></output>
  <script type="module">
    import { createBffClient } from '/client.js'
    const client = createBffClient({ stepUp: 'popup' })
    document.querySelector('#send').addEventListener('click', async () => {
      const body = document.querySelector('#amount').value
      const response = await client.fetch('/api/transfers', { method: 'POST', body })
      document.querySelector('output').textContent = response.status + ' ' + await response.text()
    })
  </script>`

/** An app whose API takes a transfer only with a token that it has not refused before. */
async function app() {
  const ports = await freePorts()
  const origin = `http://localhost:${ports.demo}`
  const idp = await startProvider({ appOrigins: [origin] })
  onTestFinished(() => idp.close())

  const refused = new Set<string | undefined>()
  const transfers: string[] = []
  await listen(ports.api, async (request, response) => {
    let amount = ''
    for await (const chunk of request) amount += chunk
    const { authorization } = request.headers
    if (refused.size === 0 || refused.has(authorization)) {
      refused.add(authorization)
      const challenge = 'Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="0"'
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return
    }
    transfers.push(amount)
    response.end(`sent ${amount}`)
  })

  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: oidc({ issuer: idp.issuer, ...idp.clients.basic }),
    plugins: [popupSignIn(), signInParameters({ allowed: ['acr_values', 'max_age'] })],
    proxy: apiProxy({
      routes: [{ path: '/api', target: `http://localhost:${ports.api}`, methods: ['POST'] }],
    }),
    onEvent: () => {},
  })
  onTestFinished(() => bff.close())
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from '@bff/client'",
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    ...{ bundle: true, format: 'esm', conditions: ['@bff/source'], write: false },
  })
  const script = outputFiles.map(({ text }) => text).join('')
  await listen(
    ports.demo,
    nodeListener(bff, ({ url }, response) => {
      const isScript = url === '/client.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      // The page cuts itself off from windows that go to other origins, as careful pages do.
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.end(isScript ? script : PAGE)
    }),
  )
  return { origin, refused, transfers }
}

it('answers an API that wants a stronger sign-in with a popup, and the form keeps what was typed', async () => {
  const { origin, refused, transfers } = await app()
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(`${origin}/bff/login?returnTo=/`)
  await signInAtProvider(page)
  await page.waitForURL(`${origin}/`)
  const [before] = await sessionCookies(context)

  await page.getByLabel('Amount').fill('250')
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Send' }).click()
  const popup = await opened
  await popup.waitForURL(/\/interaction\//)
  expect(page.url()).toBe(`${origin}/`)
  const closed = popup.waitForEvent('close')
  await signInAtProvider(popup)
  await closed

  await page.getByText('200 sent 250').waitFor()
  expect(transfers).toEqual(['250'])
  expect(refused.size).toBe(1)
  expect(await page.getByLabel('Amount').inputValue()).toBe('250')
  const [after] = await sessionCookies(context)
  expect(after?.value).not.toBe(before?.value)
})

it('returns the refusal when the person closes the popup', async () => {
  const { origin, transfers } = await app()
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(`${origin}/bff/login?returnTo=/`)
  await signInAtProvider(page)
  await page.waitForURL(`${origin}/`)
  await page.getByLabel('Amount').fill('250')
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: 'Send' }).click()
  const popup = await opened
  await popup.waitForURL(/\/interaction\//)
  await popup.close()
  // Playwright gives every page the focus for good: this is what a browser does when a popup closes.
  await page.evaluate("dispatchEvent(new Event('focus'))")
  await page.getByText('401').waitFor()
  expect(await page.locator('output').textContent()).toContain('insufficient_user_authentication')
  expect(transfers).toEqual([])
})
