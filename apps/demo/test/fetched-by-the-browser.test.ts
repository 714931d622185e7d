import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { NodeRequestView, nodeListener, undiciUpstream, writeReply } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { launchChromium } from '@bff/test-support/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

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

const EMPTY = '<!doctype html>'
const PIXEL = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')

/** Four minutes of silence as a WAV file, 16 bits at 8 kHz: more than a browser fetches before it is asked to. */
function silence(): Buffer {
  const head = Buffer.from('RIFF____WAVEfmt ____________________data____')
  const samples = Buffer.alloc(4 * 60 * 8_000 * 2)
  head.writeUInt32LE(36 + samples.length, 4)
  head.writeUInt32LE(16, 16)
  for (const [at, value] of [1, 1].entries()) head.writeUInt16LE(value, 20 + 2 * at)
  head.writeUInt32LE(8_000, 24)
  head.writeUInt32LE(16_000, 28)
  for (const [at, value] of [2, 16].entries()) head.writeUInt16LE(value, 32 + 2 * at)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

const RECORDING = silence()

/** A part of the recording, as `Range` asks for it. */
function play(range: string, res: ServerResponse): void {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const end = to === '' ? RECORDING.length - 1 : Number(to)
  const headers = { 'content-type': 'audio/wav', 'content-range': `bytes ${from}-${end}/${RECORDING.length}` }
  res.writeHead(206, { ...headers, 'accept-ranges': 'bytes', 'content-length': end - Number(from) + 1 })
  res.end(RECORDING.subarray(Number(from), end + 1))
}

/** The API: a picture, a recording, events, a file, and no place for uploads. */
const api: RequestListener = (req, res) => {
  if (req.headers.authorization !== 'Bearer of-alice') res.writeHead(401).end()
  else if (req.url === '/recording.wav') play(req.headers.range ?? '', res)
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
  listener = nodeListener(bff, async (req, res) => {
    if (req.url !== '/message') return void res.writeHead(200, { 'content-type': 'text/html' }).end(EMPTY)
    try {
      const { userId } = await bff.requireSession(new NodeRequestView(req, res), { csrf: 'form' })
      res.end(`${userId} says ${await text(req)}`)
    } catch (error) {
      await writeReply(bff.errorReply(error), res)
    }
  })
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

it('a page plays a recording of such a route from any point on, part by part', async () => {
  const { page, refused } = await openApp()
  const parts: [range: string | undefined, status: number, contentRange: string | undefined][] = []
  page.on('response', (answer) => {
    const { range } = answer.request().headers()
    if (answer.url().endsWith('.wav')) parts.push([range, answer.status(), answer.headers()['content-range']])
  })
  const at = await page.evaluate(
    `new Promise((resolve, reject) => { const video = document.createElement('video'); document.body.append(video); video.onerror = () => reject(video.error); video.onloadedmetadata = () => { video.currentTime = video.duration - 1 }; video.onseeked = () => resolve(video.currentTime); video.src = '/files/recording.wav' })`,
  )
  expect(at).toBe(239)
  expect(parts[0]).toEqual(['bytes=0-', 206, `bytes 0-${RECORDING.length - 1}/${RECORDING.length}`])
  const [last] = parts.slice(1).reverse()
  const from = Number(/^bytes=(\d+)-$/.exec(last?.[0] ?? '')?.[1])
  expect(from).toBeGreaterThan(RECORDING.length / 2)
  expect(last).toEqual([`bytes=${from}-`, 206, `bytes ${from}-${RECORDING.length - 1}/${RECORDING.length}`])
  expect(refused).toEqual([])
})

const form = (action: string) =>
  `<form method="post" action="${action}"><input name="text" value="hello"><button>Send</button></form>`

it('a page sends a plain form to a route of the app that takes forms, and to no API', async () => {
  const { page, origin, refused } = await openApp()
  const send = async (action: string) => {
    await page.goto(origin)
    await page.setContent(form(action))
    const [answer] = await Promise.all([page.waitForNavigation(), page.click('button')])
    return [answer?.status(), await answer?.text()]
  }
  expect(await send('/message')).toEqual([200, 'alice says text=hello'])
  expect(refused).toEqual([])
  expect((await send('/files/message'))[0]).toBe(403)
  expect((await send('/api/message'))[0]).toBe(403)
  expect(refused).toEqual(['header /files/message', 'header /api/message'])
})

it('a plain form signs out, and one of another site does not', async () => {
  const { page, origin, refused } = await openApp()
  const other = await serve((_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end(EMPTY))
  const post = async (from: string) => {
    await page.goto(from)
    await page.setContent(form(`${origin}/bff/logout?returnTo=/bye`))
    const [answer] = await Promise.all([page.waitForNavigation(), page.click('button')])
    return [answer?.status(), page.url(), (await page.context().cookies(origin)).length]
  }
  expect(await post(`http://localhost:${other}/`)).toEqual([403, `${origin}/bff/logout?returnTo=/bye`, 1])
  expect(refused).toEqual(['sec_fetch_site /bff/logout'])
  expect(await post(origin)).toEqual([200, `${origin}/bye`, 0])
})

it.each(['127.0.0.1', 'localhost'])(
  'a page of another origin (%s) shows, plays, hears, downloads and sends nothing of it',
  async (host) => {
    const { page, origin, refused } = await openApp()
    const other = await serve((_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end(EMPTY))
    const away = `http://${host}:${other}/`
    await page.goto(away)
    expect(await picture(page, `${origin}/files/a.gif`)).toBe('broken')
    const played = page.evaluate(
      `new Promise((resolve) => { const video = document.createElement('video'); video.onerror = () => resolve('broken'); video.onloadedmetadata = () => resolve('plays'); video.src = '${origin}/files/recording.wav' })`,
    )
    expect(await played).toBe('broken')
    const heard = page.evaluate(
      `new Promise((resolve) => { const source = new EventSource('${origin}/files/events', { withCredentials: true }); source.onmessage = ({ data }) => resolve(data); source.onerror = () => { source.close(); resolve('refused') } })`,
    )
    expect(await heard).toBe('refused')
    const open = async (html: string, target: string) => {
      await page.goto(away)
      await page.setContent(html)
      const [answer] = await Promise.all([page.waitForNavigation(), page.click(target)])
      return answer?.status()
    }
    expect(await open(`<a href="${origin}/files/report.txt">report</a>`, 'a')).toBe(403)
    expect(await open(form(`${origin}/message`), 'button')).toBe(403)
    expect(refused).toEqual(
      ['/files/a.gif', '/files/recording.wav', '/files/events', '/files/report.txt', '/message'].map(
        (path) => `sec_fetch_site ${path}`,
      ),
    )
  },
)

it('an upload the API refuses early gets its answer, again and again', async () => {
  const { page } = await openApp()
  const upload = () =>
    page.evaluate(
      `fetch('/api/x', { method: 'POST', headers: { 'x-csrf': '1' }, body: new Uint8Array(4_000_000) }).then(async (answer) => [answer.status, await answer.text()])`,
    )
  for (let count = 0; count < 3; count++) expect(await upload()).toEqual([413, 'too large'])
  expect(await page.evaluate(`fetch('/').then(({ status }) => status)`)).toBe(200)
})
