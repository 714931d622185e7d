import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchChromium } from '@bff/test-support/browser'
import { signIn, startProvider } from '@bff/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

it('Playwright opens the app signed in, without the pages of the provider', async () => {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const provider = await startProvider({ appOrigins: [origin] })
  onTestFinished(() => provider.close())
  const { app } = await createApp({ origin, issuer: provider.issuer, ...provider.clients.basic })
  onTestFinished(() => app.close())
  await app.listen({ port, host: '127.0.0.1' })
  const browser = await launchChromium()
  onTestFinished(() => browser.close())

  const { storageState } = await signIn(origin, 'alice')
  const context = await browser.newContext({ storageState: storageState() })
  const page = await context.newPage()
  await page.goto(origin)
  expect(await page.getByRole('heading').textContent()).toBe('Hello alice')
})
