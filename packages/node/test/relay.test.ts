import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { request } from 'node:http'
import type { RequestView } from '@bff/core'
import { expect, it, onTestFinished } from 'vitest'
import { nodeListener, undiciUpstream } from '../src/index.ts'
import { bffThat, deferred, listen, ok, Wire } from './harness.ts'

/** A server that passes everything on to `api` and back, in the plainest way the parts allow. */
async function relaying(api: RequestListener, watch?: (view: RequestView) => void) {
  const upstream = undiciUpstream()
  onTestFinished(() => upstream.close())
  const { origin } = await listen(api)
  return listen(
    nodeListener(
      bffThat(async (view) => {
        watch?.(view)
        const { method, target, signal } = view
        const body = view.body() ?? null
        const length = view.header('content-length')
        const headers = length === undefined ? [] : [['content-length', length] as const]
        return upstream.send({ method, url: origin + target, headers, body, signal, headersTimeoutMs: 0 })
      }),
    ),
  )
}

const POST = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'

it('carries bytes both ways at once, holding only a little of them [PRX-16, PRX-24]', async () => {
  let most = 0
  const sent = createHash('sha256')
  const received = createHash('sha256')
  const block = randomBytes(1 << 20)
  const { origin, server } = await relaying((req, res) => void req.pipe(res))
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    req.on('readable', () => {
      most = Math.max(most, req.readableLength + res.writableLength)
    })
  })
  const client = request(origin, { method: 'POST' })
  const answered = new Promise<IncomingMessage>((resolve) => client.once('response', resolve))
  for (let count = 0; count < 24; count++) {
    sent.update(block)
    if (!client.write(block)) await new Promise((resolve) => client.once('drain', resolve))
    if (count === 0) void answered.then((response) => response.on('data', (chunk) => received.update(chunk)))
  }
  client.end()
  const response = await answered
  await new Promise((resolve) => response.once('end', resolve))
  expect(received.digest('hex')).toBe(sent.digest('hex'))
  expect(most).toBeLessThan(1 << 20)
})

it('a client that leaves in its upload cuts the API off, never a clean end [PRX-17]', async () => {
  const there = deferred<IncomingMessage>()
  const { port } = await relaying((req) => there.resolve(req))
  const wire = new Wire(port)
  wire.send(`${POST}5\r\nhello\r\n`)
  const req = await there.promise
  const failed = new Promise((resolve) => req.once('error', resolve))
  req.resume()
  wire.socket.destroy()
  expect(await failed).toBeInstanceOf(Error)
  expect(req.complete).toBe(false)
})

it('a client that leaves while it waits cuts the API off [PRX-17]', async () => {
  const gone = deferred()
  const { port } = await relaying((_req, res) => {
    res.once('close', gone.resolve)
    wire.socket.destroy()
  })
  const wire = new Wire(port)
  wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await gone.promise
})

it('a client that leaves in a download cuts the API off [PRX-17]', async () => {
  const gone = deferred()
  const { port } = await relaying((_req, res) => {
    res.once('close', gone.resolve)
    res.write('first')
  })
  const wire = new Wire(port)
  wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await wire.until('first')
  wire.socket.destroy()
  await gone.promise
})

it('an API that breaks off breaks the client off [PRX-17]', async () => {
  const { port } = await relaying((_req, res) => void res.write('first', () => res.destroy()))
  const wire = new Wire(port)
  wire.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const all = await wire.closed()
  expect(all).toContain('first')
  expect(all).not.toContain('\r\n0\r\n')
})

it('an API that answers before it has the whole body frees the connection of the client [PRX-15]', async () => {
  let count = 0
  const { port } = await relaying((_req, res) => {
    count += 1
    res.writeHead(count === 1 ? 413 : 200).end(count === 1 ? 'too large' : 'second')
  })
  const wire = new Wire(port)
  const block = `100000\r\n${'x'.repeat(0x100000)}\r\n`
  wire.send(POST + block)
  await wire.until('too large')
  wire.send(`${block}0\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n`)
  expect(await wire.until('second')).toContain('HTTP/1.1 413')
})

it('an API that is not there is an error reply [PRX-23]', async () => {
  const { origin } = await listen(nodeListener(bffThat(async () => ok(null))))
  expect((await fetch(origin)).status).toBe(200)
  const upstream = undiciUpstream()
  onTestFinished(() => upstream.close())
  const dead = await listen(() => {})
  await new Promise((resolve) => dead.server.close(resolve))
  const { origin: relay } = await listen(
    nodeListener(
      bffThat(({ method, signal }) =>
        upstream.send({ method, url: dead.origin, headers: [], body: null, signal, headersTimeoutMs: 0 }),
      ),
    ),
  )
  const response = await fetch(relay)
  expect([response.status, await response.json()]).toEqual([502, { error: 'upstream_unavailable' }])
})
