import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type RequestView, webRequestView } from '../../src/index.ts'
import { fetchUpstream, type ProxyRoute, type UpstreamRequest } from '../../src/proxy/index.ts'
import { selfSigned } from './self-signed.ts'
import { bytes, chunksOf, fakeSession, gate, setUp, startApi, textOf, tokensOf, valuesOf } from './support.ts'

const real = (target: string, route: Partial<ProxyRoute> = {}) =>
  setUp({ target, ...route }, undefined, { upstream: fetchUpstream() })

const requestTo = (url: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'GET',
  url,
  headers: [],
  body: null,
  signal: new AbortController().signal,
  headersTimeoutMs: 0,
  ...more,
})

/** A server that answers with raw bytes, then does as told. */
async function startRaw(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => serve(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

describe('fetchUpstream over a real connection', () => {
  it('sends method, path, headers and body, and brings the answer back', async () => {
    const bodies: string[] = []
    const { origin, requests } = await startApi(async (req, res) => {
      bodies.push(await textOf(req))
      res.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], server: 'internal' })
      res.end('created')
    })
    const { call } = real(origin, { allowSetCookie: ['a', 'b'] })
    const reply = await call('/api/orders?x=%2f', {
      method: 'POST',
      headers: [
        ['content-type', 'text/plain'],
        ['content-length', '5'],
        ['accept-encoding', 'gzip, br'],
      ],
      body: chunksOf('he', 'llo'),
    })
    expect(reply.status).toBe(201)
    expect(valuesOf(reply.headers, 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(valuesOf(reply.headers, 'server')).toEqual([])
    expect(await textOf(reply.body)).toBe('created')
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/orders?x=%2f' })
    expect(requests[0]?.headers).toMatchObject({
      host: new URL(origin).host,
      authorization: 'Bearer at-1',
      'content-length': '5',
      'content-type': 'text/plain',
      'accept-encoding': 'identity',
      'x-forwarded-host': 'app.example.com',
    })
    expect(requests[0]?.headers['transfer-encoding']).toBeUndefined()
    expect(bodies).toEqual(['hello'])
  })

  it('streams an upload of known length with that length, another one in chunks', async () => {
    const { origin, requests } = await startApi((req, res) => {
      req.resume().on('end', () => res.end())
    })
    const { call } = real(origin, { replayBodyBytes: 1 })
    await call('/api/x', { method: 'PUT', headers: [['content-length', '4']], body: chunksOf('ab', 'cd') })
    await call('/api/x', { method: 'PUT', body: chunksOf('ab', 'cd') })
    expect(requests.map(({ headers }) => [headers['content-length'], headers['transfer-encoding']])).toEqual([
      ['4', undefined],
      [undefined, 'chunked'],
    ])
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('what the runtime decoded from %s is not called encoded any more', async (coding, compress) => {
    const { origin } = await startApi((_, res) => {
      const body = compress('plain')
      res.writeHead(200, { 'content-encoding': coding, 'content-length': body.byteLength })
      res.end(body)
    })
    const reply = await real(origin).call('/api/x')
    expect(await textOf(reply.body)).toBe('plain')
    expect(reply.headers.map(([name]) => name)).not.toContain('content-encoding')
    expect(reply.headers.map(([name]) => name)).not.toContain('content-length')
  })

  it('what Deno leaves compressed is still called so', async () => {
    vi.stubGlobal('Deno', {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const { origin } = await startApi((_, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain')),
    )
    const reply = await real(origin).call('/api/x')
    expect(reply.headers).toContainEqual(['content-encoding', 'gzip'])
  })

  it('an abort cancels the body of a response whose fetch has lost its signal, as that of Deno does', async () => {
    const cancelled: unknown[] = []
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(bytes('first')),
      cancel: (reason) => void cancelled.push(reason),
    })
    vi.stubGlobal('Deno', {})
    vi.stubGlobal('fetch', async () => new Response(body))
    onTestFinished(() => void vi.unstubAllGlobals())
    const exchange = new AbortController()
    const upstream = fetchUpstream()
    const response = await upstream.send(requestTo('http://api.example', { signal: exchange.signal }))
    const chunks = response.body?.[Symbol.asyncIterator]()
    expect(await chunks?.next()).toEqual({ done: false, value: bytes('first') })
    const waiting = chunks?.next()
    const reason = new Error('The client left.')
    exchange.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(cancelled).toEqual([reason])
  })

  it('a coding no runtime decodes is passed on as it is; one that only some decode is refused', async () => {
    const { origin } = await startApi((req, res) => {
      res.writeHead(200, { 'content-encoding': req.url === '/zstd' ? 'zstd' : 'aes128gcm' })
      res.end('sealed')
    })
    const { call } = real(origin)
    const reply = await call('/api/x')
    expect(valuesOf(reply.headers, 'content-encoding')).toEqual(['aes128gcm'])
    expect(await textOf(reply.body)).toBe('sealed')
    await expect(call('/api/zstd')).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('follows no redirect [PRX-12]', async () => {
    const { origin, requests } = await startApi((_, res) => {
      res.writeHead(307, { location: '/elsewhere' }).end()
    })
    const reply = await real(origin).call('/api/x')
    expect(reply.status).toBe(307)
    expect(valuesOf(reply.headers, 'location')).toEqual(['/api/elsewhere'])
    expect(requests).toHaveLength(1)
  })

  it('HEAD, 204 and 304 have no body', async () => {
    const { origin } = await startApi((req, res) => {
      res.writeHead(req.url === '/204' ? 204 : req.url === '/304' ? 304 : 200, { etag: '"a"' }).end()
    })
    const { call } = real(origin)
    expect(await call('/api/204')).toMatchObject({ status: 204, body: null })
    expect(await call('/api/304')).toMatchObject({ status: 304, body: null })
    expect(await call('/api/x', { method: 'HEAD' })).toMatchObject({ status: 200, body: null })
  })

  it('hands out an event as it comes, and tells the API when the client leaves [PRX-19]', async () => {
    const left = gate()
    const { origin } = await startApi((_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      res.write('data: 1\n\n')
      res.on('close', left.open)
    })
    const client = new AbortController()
    const reply = await real(origin).call('/api/events', { signal: client.signal })
    expect(valuesOf(reply.headers, 'x-accel-buffering')).toEqual(['no'])
    if (reply.body === null || typeof reply.body === 'string' || reply.body instanceof Uint8Array)
      throw new Error('The body is no stream.')
    const chunks = reply.body[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toEqual(bytes('data: 1\n\n'))
    const broken = expect(chunks.next()).rejects.toMatchObject({ code: 'bad_request' })
    client.abort()
    await broken
    await left.opened
  })

  it('a host that stops reading ends the API’s answer [PRX-17]', async () => {
    const left = gate()
    const { origin } = await startApi((_, res) => {
      res.write('a')
      res.on('close', left.open)
    })
    const reply = await real(origin).call('/api/x')
    if (reply.body === null || typeof reply.body === 'string' || reply.body instanceof Uint8Array)
      throw new Error('The body is no stream.')
    for await (const _ of reply.body) break
    await left.opened
  })

  it('a client that leaves before the answer ends the request [PRX-17]', async () => {
    const left = gate()
    const arrived = gate()
    const { origin } = await startApi((_, res) => {
      res.on('close', left.open)
      arrived.open()
    })
    const client = new AbortController()
    const refused = expect(real(origin).call('/api/x', { signal: client.signal })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await arrived.opened
    client.abort()
    await refused
    await left.opened
  })

  it.each([
    ['a length it does not reach', 'content-length: 100\r\n\r\nabc'],
    ['an unfinished chunk', 'transfer-encoding: chunked\r\n\r\n64\r\nabc'],
    ['no last chunk', 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('an answer cut short (%s) throws from the body [PRX-17]', async (_, rest) => {
    const origin = await startRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
    const { call, events } = real(origin)
    const reply = await call('/api/x')
    await expect(textOf(reply.body)).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(events).toMatchObject([{ type: 'proxy.failed', code: 'upstream_unavailable', route: '/api' }])
  })

  it.each([
    ['garbage', 'hello\r\n\r\n'],
    ['nothing', ''],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nfoo\r\n\r\n'],
  ])('an API answering %s is one that cannot be reached [PRX-23]', async (_, answer) => {
    const origin = await startRaw((socket) => socket.end(answer))
    await expect(real(origin).call('/api/x')).rejects.toMatchObject({
      code: 'upstream_unavailable',
      status: 502,
    })
  })

  it('nobody listening is upstream_unavailable, its reason in the event only', async () => {
    const { origin } = await startApi(() => {})
    const port = Number(new URL(origin).port)
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const address = closed.address()
    closed.close()
    await once(closed, 'close')
    const free = typeof address === 'object' && address ? address.port : port
    const { call, events } = real(`http://127.0.0.1:${free}`)
    const error = await call('/api/x').catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'upstream_unavailable' })
    expect(error.message).not.toContain('127.0.0.1')
    expect(events).toMatchObject([
      { type: 'proxy.failed', code: 'upstream_unavailable', cause: expect.any(Error) },
    ])
  })

  it('an API whose certificate nobody vouches for is never spoken to [PRX-13]', async () => {
    let asked = 0
    const server = createHttpsServer(selfSigned(), (_, res) => {
      asked++
      res.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { call, events } = real(`https://127.0.0.1:${port}`)
    await expect(call('/api/x')).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(events).toMatchObject([{ cause: { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } } }])
    expect(asked).toBe(0)
  })

  it('an API that sends no headers is upstream_timeout, and the request is cancelled [PRX-18]', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const arrived = gate()
    const left = gate()
    const { origin } = await startApi((_, res) => {
      res.on('close', left.open)
      arrived.open()
    })
    const { call, events } = real(origin, { headersTimeoutMs: 30_000 })
    const refused = expect(call('/api/x')).rejects.toMatchObject({ code: 'upstream_timeout', status: 504 })
    await arrived.opened
    vi.advanceTimersByTime(30_000)
    await refused
    await left.opened
    expect(events).toMatchObject([{ type: 'proxy.failed', code: 'upstream_timeout' }])
  })

  it('an upload that takes longer than the time for the headers is no slow API [PRX-18]', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { origin } = await startApi((req, res) => void req.pipe(res))
    async function* slow() {
      for (const text of ['a', 'b', 'c', 'd']) {
        vi.advanceTimersByTime(29_000)
        yield bytes(text)
      }
      vi.advanceTimersByTime(29_000)
    }
    const { call } = real(origin, { headersTimeoutMs: 20_000, replayBodyBytes: 0 })
    const { status, body } = await call('/api/x', { method: 'POST', body: slow() })
    expect([status, await textOf(body)]).toEqual([200, 'abcd'])
  })

  it('the time for the headers starts when the body was sent [PRX-18]', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const whole = gate()
    const { origin } = await startApi((req) => void req.on('end', whole.open).resume())
    async function* slow() {
      yield bytes('a')
      vi.advanceTimersByTime(100_000)
    }
    const { call } = real(origin, { headersTimeoutMs: 30_000, replayBodyBytes: 0 })
    let failed = false
    const refused = call('/api/x', { method: 'POST', body: slow() }).catch((error: unknown) => {
      failed = true
      return error
    })
    await whole.opened
    vi.advanceTimersByTime(29_999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(failed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await refused).toMatchObject({ code: 'upstream_timeout' })
  })

  describe('an idle connection the API has just closed', () => {
    /** Serves one request on its first connection, which it closes when the next one comes. */
    async function closing() {
      const methods: string[] = []
      const { origin, requests } = await startApi((req, res) => {
        methods.push(req.method ?? '')
        if (methods.length === 2) req.socket.destroy()
        else res.end('ok')
      })
      const { send } = fetchUpstream()
      const ask = async (more: Partial<UpstreamRequest> = {}) => {
        const { status, body } = await send(requestTo(origin, more))
        await textOf(body)
        return status
      }
      await ask()
      return { ask, requests }
    }

    it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
      'costs a %s nothing: it is sent once more',
      async (method) => {
        const { ask, requests } = await closing()
        expect(await ask({ method, body: method === 'PUT' ? bytes('x') : null })).toBe(200)
        expect(requests).toHaveLength(3)
      },
    )

    it.each([
      ['POST', bytes('x')],
      ['PUT', chunksOf('x')],
    ])('fails a %s that cannot be sent again', async (method, body) => {
      const { ask, requests } = await closing()
      await expect(ask({ method, body })).rejects.toMatchObject({ code: 'upstream_unavailable' })
      expect(requests).toHaveLength(2)
    })

    it('is asked no third time', async () => {
      const { origin, requests } = await startApi((req) => void req.socket.destroy())
      const refused = fetchUpstream().send(requestTo(origin))
      await expect(refused).rejects.toMatchObject({ code: 'upstream_unavailable' })
      expect(requests.length).toBeLessThanOrEqual(2)
    })
  })

  it('tells an operator what was wrong with an answer, and none of its cookies and content [LOG-01]', async () => {
    const target = await startRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nbad header\r\nset-cookie: s=SECRET\r\n\r\n{"name":"SECRET"}'),
    )
    const { call, events } = real(target)
    const error = await call('/api/x').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'upstream_unavailable' })
    const seen = inspect([error, events], { depth: null, showHidden: true })
    expect(seen).toContain('HTTPParserError')
    expect(seen).not.toContain('SECRET')
  })

  it('no timer outlives the headers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { origin } = await startApi((_, res) => res.end('a'))
    await real(origin).call('/api/x')
    await real('http://127.0.0.1:1')
      .call('/api/x')
      .catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  })

  it('an answer that stands still is cancelled, by the clock it was given [PRX-18]', async () => {
    const left = gate()
    const { origin } = await startApi((_, res) => {
      res.write('a')
      res.on('close', left.open)
    })
    const { call, clock } = real(origin, { idleTimeoutMs: 1_000 })
    await expect(clock.run(call('/api/x').then(({ body }) => textOf(body)))).rejects.toMatchObject({
      code: 'upstream_timeout',
    })
    await left.opened
  })

  it('an upload beyond the limit is 413, and the API sees a broken request [PRX-15]', async () => {
    const broken = gate()
    const { origin } = await startApi((req) => {
      req
        .on('error', () => {})
        .on('close', broken.open)
        .resume()
    })
    const { call } = real(origin, { maxBodyBytes: 100_000, replayBodyBytes: 10 })
    async function* large() {
      for (let chunks = 0; chunks < 20; chunks++) yield bytes('x'.repeat(40_000))
    }
    await expect(call('/api/x', { method: 'POST', body: large() })).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    await broken.opened
  })

  it('a large upload and a large answer pass through whole [PRX-16]', async () => {
    const size = 3 * 1024 * 1024
    const { origin } = await startApi((req, res) => void req.pipe(res))
    async function* upload() {
      for (let sent = 0; sent < size; sent += 65_536) yield new Uint8Array(65_536).fill(sent / 65_536)
    }
    const reply = await real(origin).call('/api/x', { method: 'POST', body: upload() })
    if (reply.body === null || typeof reply.body === 'string') throw new Error('The body is no stream.')
    let received = 0
    for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
      for (const [at, byte] of chunk.entries())
        if (byte !== Math.floor((received + at) / 65_536)) throw new Error(`Byte ${received + at} is wrong.`)
      received += chunk.byteLength
    }
    expect(received).toBe(size)
  })

  it('refreshes and repeats a POST against a real API [PRX-21]', async () => {
    const bodies: string[] = []
    const { origin } = await startApi(async (req, res) => {
      bodies.push(await textOf(req))
      res.writeHead(req.headers.authorization === 'Bearer at-2' ? 200 : 401).end('answer')
    })
    const { call } = setUp({ target: origin }, undefined, {
      upstream: fetchUpstream(),
      tokens: { replaceRefused: async () => fakeSession({ tokens: tokensOf('at-2') }) },
    })
    const reply = await call('/api/x', { method: 'POST', body: chunksOf('order') })
    expect(reply.status).toBe(200)
    expect(await textOf(reply.body)).toBe('answer')
    expect(bodies).toEqual(['order', 'order'])
  })

  it('gives up at once when the signal has aborted before', async () => {
    const { origin, requests } = await startApi((_, res) => res.end())
    const reason = new Error('over')
    const upstream = fetchUpstream()
    await expect(upstream.send(requestTo(origin, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect(requests).toEqual([])
    await upstream.close()
  })

  it('leaves no rejection unhandled when an unread answer is dropped [PRX-23]', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const { origin } = await startApi((_, res) => void res.write('a'))
    const { call, clock } = real(origin, { totalTimeoutMs: 1_000 })
    await call('/api/x')
    await clock.advance(1_000)
    for (let turns = 0; turns < 5; turns++) await clock.settle()
    expect(unhandled).toEqual([])
  })
})

describe('a Web Request as host', () => {
  it('passes its stream on', async () => {
    const { origin } = await startApi((req, res) => void req.pipe(res))
    const { proxy } = real(origin, { token: 'none' })
    const init = { method: 'POST', body: new Blob(['x'.repeat(100_000)]).stream(), duplex: 'half' as const }
    const request: RequestView = webRequestView(new Request('https://app.example.com/api/x', init))
    const route = proxy.match('/api/x')
    if (route === null) throw new Error('No route.')
    const reply = await proxy.forward(route, request, null)
    expect(await textOf(reply.body)).toBe('x'.repeat(100_000))
  })
})
