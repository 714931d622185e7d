import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { nodeListener, undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from './support/chromium.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const PIXEL = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')

/** The API: a picture, events, a file, and no place for uploads. */
const api: RequestListener = (req, res) => {
  if (req.headers.authorization !== 'Bearer of-alice') res.writeHead(401).end()
  else if (req.method === 'POST') res.writeHead(413, { connection: 'close' }).end('too large')
  else if (req.url === '/events')
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: tick\n\n')
  else if (req.url === '/report.txt')
    res.writeHead(200, { 'content-disposition': 'attachment; filename="report.txt"' }).end('the report')
  else res.writeHead(200, { 'content-type': 'image/gif' }).end(PIXEL)
}

/** The app at `http://localhost`, with alice signed in, and what its BFF refused. */
async function openApp() {
  const target = `http://127.0.0.1:${await serve(api)}`
  const refused: string[] = []
  let listener: RequestListener = () => {}
  const port = await serve((req, res) => listener(req, res))
  const origin = `http://localhost:${port}`
  const upstream = undiciUpstream()
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    proxy: apiProxy({
      upstream,
      routes: [
        { path: '/files', target, csrf: 'same-origin' },
        { path: '/api', target, maxBodyBytes: 0 },
      ],
    }),
    onEvent: (event) => {
      if (event.type === 'csrf.rejected') refused.push(`${event.reason} ${event.path}`)
    },
  })
  onTestFinished(() => bff.close())
  listener = nodeListener(bff, (_req, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
  )
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    tokens: { accessToken: 'of-alice', expiresIn: 3_600 },
  })
  const [name = '', value = ''] = (cookie.split(';', 1)[0] ?? '').split('=')
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  await context.addCookies([{ name, value, url: origin, sameSite: 'Lax', httpOnly: true }])
  const page = await context.newPage()
  await page.goto(origin)
  return { page, origin, refused }
}

const picture = (page: Page, src: string) =>
  page.evaluate(
    `new Promise((resolve) => { const img = new Image(); img.onload = () => resolve('shown'); img.onerror = () => resolve('broken'); img.src = ${JSON.stringify(src)} })`,
  )

it('a page shows pictures, hears events and downloads files of a route that says so, and of no other', async () => {
  const { page, refused } = await openApp()
  expect(await picture(page, '/files/a.gif')).toBe('shown')
  const heard = page.evaluate(
    `new Promise((resolve) => { const source = new EventSource('/files/events'); source.onmessage = ({ data }) => { source.close(); resolve(data) }; source.onerror = () => resolve('refused') })`,
  )
  expect(await heard).toBe('tick')
  await page.setContent('<a href="/files/report.txt">report</a>')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a')])
  expect(await readFile(await download.path(), 'utf8')).toBe('the report')
  expect(refused).toEqual([])
  expect(await picture(page, '/api/a.gif')).toBe('broken')
  expect(refused).toEqual(['header /api/a.gif'])
})

it('a page of another site embeds nothing of it', async () => {
  const { page, origin, refused } = await openApp()
  const other = await serve((_req, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
  )
  await page.goto(`http://127.0.0.1:${other}/`)
  expect(await picture(page, `${origin}/files/a.gif`)).toBe('broken')
  await page.goto(`http://localhost:${other}/`)
  expect(await picture(page, `${origin}/files/a.gif`)).toBe('broken')
  expect(refused).toEqual(['sec_fetch_site /files/a.gif', 'sec_fetch_site /files/a.gif'])
})

it('an upload the API refuses early gets its answer, again and again', async () => {
  const { page } = await openApp()
  const upload = () =>
    page.evaluate(
      `fetch('/api/x', { method: 'POST', headers: { 'x-csrf': '1' }, body: new Uint8Array(4_000_000) }).then(async (answer) => [answer.status, await answer.text()])`,
    )
  for (let count = 0; count < 3; count++) expect(await upload()).toEqual([413, 'too large'])
  expect(await page.evaluate(`fetch('/').then(({ status }) => status)`)).toBe(200)
})
