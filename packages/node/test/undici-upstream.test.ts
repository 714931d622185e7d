import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { BffError } from '@bff/core'
import type { UpstreamRequest } from '@bff/core/proxy'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type UndiciUpstreamOptions, undiciUpstream } from '../src/index.ts'
import { chunks, deferred, listen, never, nothing, watchedBody } from './harness.ts'

const pem = (name: string) => readFileSync(new URL(`tls/localhost.${name}.pem`, import.meta.url), 'utf8')

function upstream(options?: UndiciUpstreamOptions) {
  const made = undiciUpstream(options)
  onTestFinished(() => made.close())
  return made
}

function to(url: string, given: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'GET',
    url,
    headers: [],
    body: null,
    signal: new AbortController().signal,
    headersTimeoutMs: 0,
    ...given,
  }
}

/** An API that answers everything with what it was asked. */
const mirror: RequestListener = async (req, res) => {
  const body = (await buffer(req)).toString('base64')
  res.end(JSON.stringify({ method: req.method, target: req.url, headers: req.rawHeaders, body }))
}

async function asked(given: Partial<UpstreamRequest> = {}, path = '/'): Promise<Asked> {
  const { origin } = await listen(mirror)
  const { body } = await upstream().send(to(origin + path, given))
  return JSON.parse(await text(body ?? nothing))
}
interface Asked {
  method: string
  target: string
  headers: string[]
  body: string
}

const valuesOf = ({ headers }: Asked, name: string) =>
  headers.filter((_value, at) => at % 2 === 1 && headers[at - 1] === name)

it('refuses an option there is not, a number that cannot be, and a certificate without its key', () => {
  const options = { connections: 1, connectTimeout: 5 }
  expect(() => upstream(options)).toThrow(/Unknown option connectTimeout of undiciUpstream.*connectTimeoutMs/)
  expect(() => upstream({ cert: pem('cert') })).toThrow(/cert needs key/)
  for (const name of ['connections', 'connectTimeoutMs', 'keepAliveTimeoutMs'])
    expect(() => upstream({ [name]: 0 })).toThrow(`${name} must be a whole number above zero`)
})

describe('the request', () => {
  it.each(['/', '/a//b', '/a/../b', '/a/%2e%2E/%2f', '/%E6%97', '/a?b=%20c?d', '/a;b=1', '/[x]|^`{}'])(
    'sends the path %s byte for byte [PRX-01]',
    async (path) => expect((await asked({}, path)).target).toBe(path),
  )

  it('goes to no other host than the origin of the url [PRX-01]', async () => {
    expect((await asked({}, '//127.0.0.2:1/x')).target).toBe('//127.0.0.2:1/x')
  })

  it('sends method, headers and bytes', async () => {
    const body = randomBytes(100_000)
    const seen = await asked({
      method: 'PUT',
      headers: [
        ['x-a', '1'],
        ['accept', 'a'],
        ['accept', 'b'],
      ],
      body,
    })
    expect([seen.method, valuesOf(seen, 'x-a'), valuesOf(seen, 'accept')]).toEqual(['PUT', ['1'], ['a', 'b']])
    expect(seen.body).toBe(body.toString('base64'))
  })

  it('streams a body of unknown length chunked', async () => {
    const seen = await asked({ method: 'POST', body: stream(chunks(50, 1000)) })
    expect(valuesOf(seen, 'transfer-encoding')).toEqual(['chunked'])
    expect(seen.body).toBe(Buffer.concat([...chunks(50, 1000)]).toString('base64'))
  })

  it('keeps the length a stream was announced with', async () => {
    const seen = await asked({
      method: 'POST',
      headers: [['content-length', '4']],
      body: stream(chunks(2, 2)),
    })
    expect([valuesOf(seen, 'content-length'), valuesOf(seen, 'transfer-encoding')]).toEqual([['4'], []])
  })

  it('CVE-2026-1525 lower-cases names once and sends no second length [PRX-10]', async () => {
    const headers = [
      ['Content-Length', '4'],
      ['content-length', '9'],
      ['X-A', '1'],
    ] as const
    const seen = await asked({ method: 'POST', headers, body: stream(chunks(2, 2)) })
    expect([valuesOf(seen, 'content-length'), valuesOf(seen, 'Content-Length')]).toEqual([[], []])
    expect(valuesOf(seen, 'transfer-encoding')).toEqual(['chunked'])
    expect(valuesOf(seen, 'x-a')).toEqual(['1'])
  })

  it('writes the headers of the connection itself [PRX-07]', async () => {
    const seen = await asked({
      headers: [
        ['host', 'evil.example'],
        ['connection', 'x-a'],
        ['keep-alive', '1'],
        ['transfer-encoding', 'gzip'],
        ['upgrade', 'h2c'],
        ['expect', '100-continue'],
        ['content-length', '77'],
      ],
    })
    expect(valuesOf(seen, 'host')).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)])
    expect(valuesOf(seen, 'connection')).toEqual(['keep-alive'])
    for (const name of ['keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'content-length'])
      expect(valuesOf(seen, name)).toEqual([])
  })

  it('sends no header that would split the request [PRX-10]', async () => {
    const { origin } = await listen(mirror)
    const request = to(origin, { headers: [['x', 'a\r\nx-evil: 1']] })
    await expect(upstream().send(request)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('a body shorter than announced never arrives whole [PRX-10]', async () => {
    const ended = vi.fn()
    const gone = deferred()
    const { origin } = await listen((req) => {
      req
        .on('end', ended)
        .on('error', () => {})
        .once('close', gone.resolve)
        .resume()
    })
    const request = to(origin, {
      method: 'POST',
      headers: [['content-length', '9']],
      body: stream(chunks(1, 4)),
    })
    await expect(upstream().send(request)).rejects.toMatchObject({ code: 'upstream_unavailable' })
    await gone.promise
    expect(ended).not.toHaveBeenCalled()
  })

  it('a body that fails cuts the upstream off [PRX-17]', async () => {
    const ended = vi.fn()
    const gone = deferred()
    const { origin } = await listen((req) => {
      req
        .on('end', ended)
        .on('error', () => {})
        .once('close', gone.resolve)
        .resume()
    })
    const body = (async function* () {
      yield Buffer.from('part')
      throw new Error('the client went away')
    })()
    const sent = upstream().send(to(origin, { method: 'POST', body }))
    await expect(sent).rejects.toMatchObject({
      code: 'upstream_unavailable',
      cause: { message: 'the client went away' },
    })
    await gone.promise
    expect(ended).not.toHaveBeenCalled()
  })

  it('asks a fast body for no more than the API takes [PRX-16]', async () => {
    let received = 0
    const { origin } = await listen(async (req, res) => {
      for await (const chunk of req) received += chunk.length
      res.end()
    })
    let most = 0
    const body = (async function* () {
      let given = 0
      for (const chunk of chunks(1024, 128 * 1024)) {
        given += chunk.length
        most = Math.max(most, given - received)
        yield chunk
      }
    })()
    await upstream().send(to(origin, { method: 'POST', body }))
    expect(received).toBe(128 * 2 ** 20)
    // What the kernel holds of a connection is several MiB; without backpressure it would be all 128.
    expect(most).toBeLessThan(32 * 2 ** 20)
  })
})

describe('the response', () => {
  const answering = (listener: RequestListener, given?: Partial<UpstreamRequest>) =>
    listen(listener).then(({ origin }) => upstream().send(to(origin, given)))

  it('is handed on as it is: redirects, encodings, several cookies [PRX-12]', async () => {
    const response = await answering((_req, res) => {
      res.writeHead(302, [
        ['Location', 'http://127.0.0.1:1/'],
        ['Content-Encoding', 'gzip'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as never)
      res.end('not gzip at all')
    })
    expect(response.status).toBe(302)
    expect(
      response.headers.filter(([name]) => name !== 'date' && name !== 'connection' && name !== 'keep-alive'),
    ).toEqual([
      ['location', 'http://127.0.0.1:1/'],
      ['content-encoding', 'gzip'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['transfer-encoding', 'chunked'],
    ])
    expect(await text(response.body ?? nothing)).toBe('not gzip at all')
  })

  it('keeps bytes above ASCII in headers, which Node can write out again', async () => {
    const response = await answering((_req, res) => res.setHeader('x-name', '\xe6\x97\xa5').end())
    expect(new Map(response.headers).get('x-name')).toBe('\xe6\x97\xa5')
  })

  it('streams bytes untouched', async () => {
    const bytes = randomBytes(5_000_000)
    const response = await answering((_req, res) => res.end(bytes))
    expect((await buffer(response.body ?? nothing)).equals(bytes)).toBe(true)
  })

  it('is there at once when it arrived with its head, and its body yields the same', async () => {
    const response = await answering((_req, res) => res.end('small'))
    expect(Buffer.from(response.bytes ?? []).toString()).toBe('small')
    expect(await text(response.body ?? nothing)).toBe('small')
  })

  it('that is still to come is a stream alone', async () => {
    const rest = deferred()
    const response = await answering((_req, res) => {
      res.write('first')
      void rest.promise.then(() => res.end('second'))
    })
    expect(response.bytes).toBeUndefined()
    rest.resolve()
    expect(await text(response.body ?? nothing)).toBe('firstsecond')
  })

  it('has no body for HEAD, whatever length it names', async () => {
    const response = await answering((_req, res) => res.setHeader('content-length', '99').end(), {
      method: 'HEAD',
    })
    expect([response.body, new Map(response.headers).get('content-length')]).toEqual([null, '99'])
  })

  it.each([
    ['GET', 204, {}],
    ['GET', 304, {}],
    ['GET', 200, { 'content-length': '0' }],
  ])('%s %i %j has no body, and its connection serves on', async (method, status, headers) => {
    const sockets = new Set<unknown>()
    const { origin } = await listen((req, res) => {
      sockets.add(req.socket)
      res.writeHead(req.url === '/' ? status : 200, req.url === '/' ? headers : {}).end()
    })
    const api = upstream({ connections: 1 })
    expect(await api.send(to(`${origin}/`, { method }))).toMatchObject({ status, body: null })
    const { body } = await api.send(to(`${origin}/next`))
    expect(await text(body ?? nothing)).toBe('')
    expect(sockets.size).toBe(1)
  })

  it('is read no faster than it is asked for [PRX-16]', async () => {
    let written = 0
    const full = deferred()
    const response = await answering((_req, res) => {
      const push = () => {
        while (written < 256 * 2 ** 20) {
          written += 2 ** 20
          if (!res.write(new Uint8Array(2 ** 20))) {
            res.once('drain', push)
            full.resolve()
            return
          }
        }
        res.end()
      }
      push()
    })
    await full.promise
    let read = 0
    let most = 0
    for await (const chunk of response.body ?? []) {
      read += chunk.length
      most = Math.max(most, written - read)
    }
    expect(read).toBe(256 * 2 ** 20)
    expect(most).toBeLessThan(32 * 2 ** 20)
  })

  it.each([
    ['not yet read', false],
    ['half read', true],
  ])('returning early from a body %s cancels the upstream [PRX-17]', async (_name, read) => {
    const gone = deferred()
    const response = await answering((_req, res) => {
      res.write('first')
      res.once('close', gone.resolve)
    })
    const body = response.body?.[Symbol.asyncIterator]()
    if (read) expect(Buffer.from((await body?.next())?.value ?? []).toString()).toBe('first')
    await body?.return?.()
    await gone.promise
  })

  it('returning while a chunk is awaited cancels the upstream [PRX-17]', async () => {
    const gone = deferred()
    const response = await answering((_req, res) => {
      res.flushHeaders()
      res.once('close', gone.resolve)
    })
    const body = response.body?.[Symbol.asyncIterator]()
    const next = body?.next().catch(() => 'ended')
    await body?.return?.()
    await gone.promise
    await next
  })

  it('cut off in the middle is an error, never an end [PRX-17]', async () => {
    const response = await answering((_req, res) => {
      res.write('part', () => res.destroy())
    })
    await expect(text(response.body ?? nothing)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('shorter than announced is an error, never an end [PRX-17]', async () => {
    const response = await answering((_req, res) => {
      res.writeHead(200, { 'content-length': '9' })
      res.write('part', () => res.socket?.end())
    })
    await expect(text(response.body ?? nothing)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('that fails unread ends nothing but itself', async () => {
    const gone = deferred()
    await answering((_req, res) => {
      res.once('close', gone.resolve)
      res.write('part', () => res.destroy())
    })
    await gone.promise
    await new Promise(setImmediate)
  })
})

describe('failures', () => {
  it('says upstream_unavailable, with its cause, for a port nobody listens on', async () => {
    const { origin, server } = await listen(mirror)
    await new Promise((resolve) => server.close(resolve))
    await expect(upstream().send(to(origin))).rejects.toMatchObject({
      code: 'upstream_unavailable',
      status: 502,
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('says upstream_unavailable for an API that hangs up or speaks no HTTP', async () => {
    for (const says of [
      '',
      'SSH-2.0-x\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    ]) {
      const { port } = await tcp((socket) => socket.end(says))
      await expect(upstream().send(to(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({
        code: 'upstream_unavailable',
      })
    }
  })

  it('says upstream_timeout when the headers are late [PRX-18]', async () => {
    const { origin } = await listen(() => {})
    await expect(upstream().send(to(origin, { headersTimeoutMs: 20 }))).rejects.toMatchObject({
      code: 'upstream_timeout',
      status: 504,
    })
  })

  it('says upstream_timeout when the headers are late after a long upload [PRX-18]', async () => {
    const { origin } = await listen((req) => void req.resume())
    const body = stream(chunks(200, 64 * 1024))
    const request = to(origin, { method: 'POST', body, headersTimeoutMs: 20 })
    await expect(upstream().send(request)).rejects.toMatchObject({ code: 'upstream_timeout' })
  })

  it('counts connecting among the time for the headers [PRX-18]', async () => {
    const { port } = await tcp(() => {})
    const sent = upstream().send(to(`https://127.0.0.1:${port}/`, { headersTimeoutMs: 20 }))
    await expect(sent).rejects.toMatchObject({ code: 'upstream_timeout' })
  })

  it('cancels the upstream when the headers are late [PRX-18]', async () => {
    const gone = deferred()
    const { origin } = await listen((_req, res) => void res.once('close', gone.resolve))
    await expect(upstream().send(to(origin, { headersTimeoutMs: 20 }))).rejects.toMatchObject({ status: 504 })
    await gone.promise
  })

  it('does not take a slow upload for a slow API [PRX-18]', async () => {
    const { origin } = await listen(mirror)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const body = (async function* () {
      for (const chunk of chunks(5, 10)) {
        vi.advanceTimersByTime(15)
        yield chunk
      }
    })()
    const { status } = await upstream().send(to(origin, { method: 'POST', body, headersTimeoutMs: 20 }))
    expect(status).toBe(200)
  })

  it('does not count the time the client takes, from the first byte on to the end [PRX-18]', async () => {
    const { origin } = await listen(mirror)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const body = (async function* () {
      for (const chunk of chunks(5, 10)) {
        vi.advanceTimersByTime(5_000)
        yield chunk
      }
      vi.advanceTimersByTime(5_000)
    })()
    const { status } = await upstream().send(to(origin, { method: 'POST', body, headersTimeoutMs: 20 }))
    expect(status).toBe(200)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('says upstream_timeout when no connection comes about in its own time [PRX-18]', async () => {
    const { port } = await tcp(() => {})
    const sent = upstream({ connectTimeoutMs: 20 }).send(to(`https://127.0.0.1:${port}/`))
    await expect(sent).rejects.toMatchObject({ code: 'upstream_timeout' })
  })

  it('refuses a certificate it does not trust, also when the environment says otherwise [PRX-13]', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { port } = await tls()
    await expect(upstream().send(to(`https://localhost:${port}/`))).rejects.toMatchObject({
      code: 'upstream_unavailable',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
  })

  it('refuses a trusted certificate of another host [PRX-13]', async () => {
    const { port } = await tls()
    const sent = upstream({ ca: pem('cert') }).send(to(`https://127.0.0.2:${port}/`))
    await expect(sent).rejects.toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  })

  it('accepts a certificate of the CA it was given [PRX-13]', async () => {
    const { port } = await tls()
    const { body } = await upstream({ ca: [pem('cert')] }).send(to(`https://localhost:${port}/`))
    expect(await text(body ?? nothing)).toContain('"method":"GET"')
  })
})

/** The request's end, by its signal alone or by `onAbort`, which must read no signal. */
const LANES = {
  signal: (signal: AbortSignal): Partial<UpstreamRequest> => ({ signal }),
  onAbort: (signal: AbortSignal): Partial<UpstreamRequest> => ({
    get signal(): AbortSignal {
      throw new Error('The transport has read the signal.')
    },
    onAbort(stop) {
      if (signal.aborted) stop(signal.reason)
      else signal.addEventListener('abort', () => stop(signal.reason), { once: true })
    },
  }),
}

describe.each(Object.entries(LANES))('abort by %s', (_name, under) => {
  const reason = new BffError('bad_request', 'The client went away.')
  /** Copies no value: the signal of a lane must not be read. */
  function to(
    url: string,
    lane: Partial<UpstreamRequest>,
    given: Partial<UpstreamRequest> = {},
  ): UpstreamRequest {
    const { signal } = new AbortController()
    const request = { method: 'GET', url, headers: [], body: null, signal, headersTimeoutMs: 0, ...given }
    return Object.defineProperties(request, Object.getOwnPropertyDescriptors(lane))
  }

  it('before the headers cancels the upstream [PRX-17]', async () => {
    const there = deferred<ServerResponse>()
    const { origin } = await listen((_req, res) => there.resolve(res))
    const controller = new AbortController()
    const sent = upstream()
      .send(to(origin, under(controller.signal)))
      .catch((error: unknown) => error)
    const gone = new Promise((resolve) => void there.promise.then((res) => res.once('close', resolve)))
    await there.promise
    controller.abort(reason)
    expect(await sent).toBe(reason)
    await gone
  })

  it('in the body cancels the upstream and fails the reader [PRX-17]', async () => {
    const gone = deferred()
    const { origin } = await listen((_req, res) => {
      res.write('first')
      res.once('close', gone.resolve)
    })
    const controller = new AbortController()
    const { body } = await upstream().send(to(origin, under(controller.signal)))
    const read = text(body ?? nothing).catch((error: unknown) => error)
    controller.abort(reason)
    expect(await read).toBe(reason)
    await gone.promise
  })

  it('in an upload cancels the upstream [PRX-17]', async () => {
    const there = deferred<IncomingMessage>()
    const { origin } = await listen((req) => there.resolve(req))
    let asked = 0
    const { body } = watchedBody(() =>
      asked++ === 0 ? Promise.resolve({ done: false, value: Buffer.from('first') }) : never(),
    )
    const controller = new AbortController()
    const sent = upstream().send(to(origin, under(controller.signal), { method: 'POST', body }))
    sent.catch(() => {})
    const req = await there.promise
    const gone = new Promise((resolve) => req.once('error', () => {}).once('close', resolve))
    controller.abort(reason)
    await expect(sent).rejects.toBe(reason)
    await gone
  })

  it('does not wait for a connection that does not come about', async () => {
    const { port } = await tcp(() => controller.abort(reason))
    const controller = new AbortController()
    const sent = upstream().send(to(`https://127.0.0.1:${port}/`, under(controller.signal)))
    await expect(sent).rejects.toBe(reason)
  })

  it('sends nothing for a signal that is aborted already', async () => {
    const seen = vi.fn()
    const { origin } = await listen(seen)
    await expect(upstream().send(to(origin, under(AbortSignal.abort(reason))))).rejects.toBe(reason)
    expect(seen).not.toHaveBeenCalled()
  })
})

it('reuses its connections', async () => {
  const sockets = new Set<unknown>()
  const { origin } = await listen((req, res) => {
    sockets.add(req.socket)
    res.end('x')
  })
  const api = upstream()
  for (let count = 0; count < 10; count++) await text((await api.send(to(origin))).body ?? nothing)
  expect(sockets.size).toBeLessThan(3)
})

it('close aborts what runs, refuses what comes, and may be called again', async () => {
  const there = deferred()
  const { origin } = await listen(() => there.resolve())
  const api = undiciUpstream()
  const sent = api.send(to(origin)).catch((error: unknown) => error)
  await there.promise
  await Promise.all([api.close(), api.close()])
  await api.close()
  expect(await sent).toMatchObject({ code: 'upstream_unavailable' })
  await expect(api.send(to(origin))).rejects.toMatchObject({ code: 'upstream_unavailable' })
})

async function* stream(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function started(server: Server): Promise<{ port: number }> {
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port }
}

function tcp(onConnection: (socket: import('node:net').Socket) => void): Promise<{ port: number }> {
  return started(
    createTcpServer((socket) => {
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => {})
      onConnection(socket)
    }),
  )
}

function tls(): Promise<{ port: number }> {
  const server = createTlsServer({ cert: pem('cert'), key: pem('key') }, mirror)
  onTestFinished(() => server.closeAllConnections())
  return started(server)
}
