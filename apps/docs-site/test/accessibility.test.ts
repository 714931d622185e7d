import { fileURLToPath } from 'node:url'
import { violationsOf } from '@bff/test-support/accessibility'
import { launchChromium, newContext } from '@bff/test-support/browser'
import type { Browser } from 'playwright-core'
import { createServer } from 'vitepress'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeReference } from '../../../tools/site.mjs'

/** One of each kind: the first page, prose, tables with code, a reference made from the code. */
const PAGES = ['/', '/start/tutorial', '/operate/checklist', '/guides/device-binding', '/reference/endpoints']

let browser: Browser
let server: Awaited<ReturnType<typeof createServer>>
let origin: string

beforeAll(async () => {
  await writeReference()
  server = await createServer(fileURLToPath(new URL('..', import.meta.url)), { host: '127.0.0.1', port: 0 })
  await server.listen()
  origin = server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? ''
  browser = await launchChromium()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

it('axe-core finds nothing wrong on the main pages of the documents, on a desktop and a phone, light and dark', async () => {
  const page = await (await newContext(browser)).newPage()
  const found: string[] = []
  for (const path of PAGES) {
    await page.goto(origin + path)
    await page.locator('h1').first().waitFor()
    found.push(...(await violationsOf(page)).map((violation) => `${path} ${violation}`))
  }
  expect(found).toEqual([])
})

it('A drawing fits into the column of its page, on a desktop and a phone', async () => {
  const page = await (await newContext(browser)).newPage()
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    for (const path of ['/', '/start/what-is-a-bff']) {
      await page.goto(origin + path)
      const drawing = page.getByRole('img', { name: 'One call:' })
      await drawing.waitFor()
      const hidden = await drawing.evaluate((node) => node.scrollWidth - node.clientWidth)
      expect([width, path, hidden]).toEqual([width, path, 0])
    }
  }
})
