import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { apiProxy } from '@bff/core/proxy'
import { undiciUpstream } from '@bff/node'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { openWorld } from './support/world.ts'

const TEXT = 'The same line again. '.repeat(500)

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

/** Calls an API that compresses, unasked, through a transport that passes on what it receives. */
async function callThrough(coding: string, body: Buffer) {
  const asked: IncomingHttpHeaders[] = []
  const api = createServer(({ headers }, res) => {
    asked.push(headers)
    res.writeHead(200, { 'content-encoding': coding, 'content-type': 'text/plain' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  const target = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const routes = [{ path: '/open', target, token: 'none' }] as const
  const { bff } = openWorld({ proxy: apiProxy({ routes, upstream: undiciUpstream() }) })
  onTestFinished(async () => {
    await bff.close()
    api.close()
  })
  server.use(bff)
  // Like a browser, `fetch` accepts compressed responses and decodes them.
  const response = await fetch(`${server.origin}/open/x`, { headers: { 'x-csrf': '1' } })
  return { status: response.status, text: await response.text(), asked }
}

it.each([
  ['gzip', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
])('A response that the API compressed with %s reaches the client as it was', async (coding, body) => {
  expect(await callThrough(coding, body)).toMatchObject({ status: 200, text: TEXT })
})

it('A response in a coding that not every runtime decodes is refused', async () => {
  const { status, text } = await callThrough('br', brotliCompressSync(TEXT))
  expect([status, JSON.parse(text)]).toMatchObject([502, { error: 'upstream_unavailable' }])
})

it('The API is asked for an uncompressed response', async () => {
  const { asked } = await callThrough('identity', Buffer.from(TEXT))
  expect(asked.map((headers) => headers['accept-encoding'])).toEqual(['identity'])
})
