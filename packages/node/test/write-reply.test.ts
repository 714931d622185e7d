import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { get } from 'node:http'
import { BffError, type Reply } from '@bff/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { deliverReply, NodeRequestView, startReply, writeReply } from '../src/index.ts'
import { bffThat, chunks, deferred, listen, never, ok, Wire, watchedBody } from './harness.ts'

async function serving(reply: (req: IncomingMessage, res: ServerResponse) => Reply) {
  const written = deferred()
  const running = await listen((req, res) => {
    writeReply(reply(req, res), res).then(written.resolve, written.reject)
  })
  written.promise.catch(() => {})
  return { ...running, written: written.promise }
}

const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'

it('writes status, headers and text, and says when it is finished', async () => {
  const { origin, written } = await serving(() => ({ status: 201, headers: [['x-a', '1']], body: 'grüße' }))
  const response = await fetch(origin)
  expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([201, '1', 'grüße'])
  expect(response.headers.get('content-length')).toBe('7')
  await written
})

it('writes bytes untouched', async () => {
  const bytes = randomBytes(3_000_000)
  const { origin } = await serving(() => ok(bytes))
  expect(Buffer.from(await (await fetch(origin)).arrayBuffer()).equals(bytes)).toBe(true)
})

it('writes no body as length zero, so that a kept connection goes on', async () => {
  const { port } = await listen((_req, res) => void writeReply({ status: 200, headers: [], body: null }, res))
  const wire = new Wire(port)
  wire.send(REQUEST + REQUEST.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  const all = await wire.closed()
  const [, first, second, rest] = all.split(/HTTP\/1\.1 200 OK\r\n|\r\n\r\n(?!HTTP)/)
  expect([first, second]).toEqual([
    expect.stringContaining('content-length: 0\r\n'),
    expect.stringContaining('content-length: 0\r\n'),
  ])
  expect(rest).toBe('')
})

it('streams chunks in order, chunked when the length is unknown', async () => {
  const { origin } = await serving(() => ok(asStream(chunks(100, 1000))))
  const response = await fetch(origin)
  const body = Buffer.from(await response.arrayBuffer())
  expect(response.headers.get('transfer-encoding')).toBe('chunked')
  expect(body.equals(Buffer.concat([...chunks(100, 1000)]))).toBe(true)
})

it('keeps the length a streamed reply names', async () => {
  const { port } = await serving(() => ok(asStream(chunks(2, 5)), [['content-length', '10']]))
  const wire = new Wire(port)
  wire.send(REQUEST.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  const all = await wire.closed()
  expect(all).toContain('content-length: 10\r\n')
  expect(all).not.toContain('chunked')
})

describe('headers', () => {
  it('keeps several Set-Cookie apart', async () => {
    const { origin } = await serving(() =>
      ok('', [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['set-cookie', 'a=3'],
      ]),
    )
    expect((await fetch(origin)).headers.getSetCookie()).toEqual(['a=1', 'b=2', 'a=3'])
  })

  it('keeps what the host set, lets the reply win, and keeps the cookies of both', async () => {
    const { origin } = await serving((_req, res) => {
      res
        .setHeader('x-host', 'kept')
        .setHeader('cache-control', 'public')
        .setHeader('Set-Cookie', ['h=1', 'h=2'])
      return ok('', [
        ['cache-control', 'no-store'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['link', 'a'],
        ['link', 'b'],
      ])
    })
    const { headers } = await fetch(origin)
    expect(headers.get('x-host')).toBe('kept')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('link')).toBe('a, b')
    expect(headers.getSetCookie().sort()).toEqual(['a=1', 'b=2', 'h=1', 'h=2'])
  })

  it('keeps the cookies of the host when the reply sets none', async () => {
    const { origin } = await serving((_req, res) => {
      res.setHeader('set-cookie', 'h=1')
      return ok('x', [['x-a', '1']])
    })
    expect((await fetch(origin)).headers.getSetCookie()).toEqual(['h=1'])
  })

  it('keeps bytes above ASCII as they came', async () => {
    const { port } = await serving(() => ok('', [['content-disposition', 'filename="\xe6\x97\xa5"']]))
    const wire = new Wire(port)
    wire.send(REQUEST)
    expect(await wire.until('\r\n\r\n')).toContain('filename="\xe6\x97\xa5"')
  })

  it('go out at once when the body is silent, as of an event stream', async () => {
    const { origin } = await serving(() =>
      ok({ [Symbol.asyncIterator]: () => ({ next: never }) }, [['content-type', 'text/event-stream']]),
    )
    const response = await fetch(origin)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await response.body?.cancel()
  })

  it('go out in one piece with a first chunk that is at hand', async () => {
    const { port } = await serving(() => ok(asStream([new Uint8Array(5).fill(97)])))
    const wire = new Wire(port)
    const first = new Promise<string>((resolve) => wire.socket.once('data', (text) => resolve(String(text))))
    wire.send(REQUEST)
    expect(await first).toContain('aaaaa')
  })
})

describe('answers without a body', () => {
  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('%s %i sends none, lets a stream go, and the connection serves on', async (method, status) => {
    const { body, released } = watchedBody(async () => ({ done: false, value: new Uint8Array(9).fill(120) }))
    let count = 0
    const { port } = await listen((_req, res) => {
      count += 1
      void writeReply(count === 1 ? { status, headers: [['x-first', '1']], body } : ok('second'), res)
    })
    const wire = new Wire(port)
    wire.send(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n${REQUEST}`)
    const all = await wire.until('second')
    expect(all).not.toContain('xxx')
    expect(all).not.toContain('chunked')
    await released
  })

  it('HEAD names the length of the text it leaves out', async () => {
    const { origin } = await serving(() => ok('12345'))
    const response = await fetch(origin, { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe('5')
    expect(await response.text()).toBe('')
  })

  it('HEAD keeps the length an API named', async () => {
    const { origin } = await serving(() => ok(null, [['content-length', '77']]))
    expect((await fetch(origin, { method: 'HEAD' })).headers.get('content-length')).toBe('77')
  })

  it.each([204, 304])('%i claims no length', async (status) => {
    const { origin } = await serving(() => ({ status, headers: [], body: 'ignored' }))
    expect((await fetch(origin)).headers.get('content-length')).toBeNull()
  })
})

it('asks a fast body for no more than a slow client takes [PRX-16]', async () => {
  let most = 0
  const { origin } = await serving((_req, res) =>
    ok(
      (async function* () {
        for (const chunk of chunks(1000, 64 * 1024)) {
          most = Math.max(most, res.writableLength)
          yield chunk
        }
      })(),
    ),
  )
  const hash = createHash('sha256')
  for await (const chunk of (await fetch(origin)).body ?? []) hash.update(chunk)
  const expected = createHash('sha256')
  for (const chunk of chunks(1000, 64 * 1024)) expected.update(chunk)
  expect(hash.digest('hex')).toBe(expected.digest('hex'))
  expect(most).toBeLessThan(128 * 1024)
})

describe('a client that leaves', () => {
  it('lets go of a body that is waiting for its next chunk [PRX-17]', async () => {
    let asked = 0
    const { body, released } = watchedBody(() =>
      asked++ === 0 ? Promise.resolve({ done: false, value: Buffer.from('first') }) : never(),
    )
    const { port, written } = await serving(() => ok(body))
    const wire = new Wire(port)
    wire.send(REQUEST)
    await wire.until('first')
    wire.socket.destroy()
    await released
    await written
  })

  it('lets go of a body that waits for the client to read [PRX-17]', async () => {
    const stuck = deferred<ServerResponse>()
    const more = { done: false, value: new Uint8Array(64 << 20) }
    const { body, released } = watchedBody(async () => more)
    const { port, written } = await serving((_req, res) => {
      stuck.resolve(res)
      return ok(body)
    })
    const wire = new Wire(port)
    wire.socket.pause()
    wire.send(REQUEST)
    const res = await stuck.promise
    await new Promise(setImmediate)
    expect(res.writableNeedDrain).toBe(true)
    wire.socket.destroy()
    await released
    await written
  })

  it('lets go of a body whose turn on a pipelined connection never came [PRX-17]', async () => {
    const { body, released } = watchedBody(never)
    const second = deferred()
    const { port } = await listen((req, res) => {
      if (req.url === '/hang') return
      second.resolve()
      void writeReply(ok(body), res)
    })
    const wire = new Wire(port)
    wire.send(REQUEST.replace('/', '/hang') + REQUEST)
    await second.promise
    wire.socket.destroy()
    await released
  })

  it('before the reply is written releases its body', async () => {
    const { body, released } = watchedBody(never)
    const done = deferred()
    const { port } = await listen((req, res) => {
      req.socket.once('close', () => void writeReply(ok(body), res).then(done.resolve))
      wire.socket.destroy()
    })
    const wire = new Wire(port)
    wire.send(REQUEST)
    await released
    await done.promise
  })

  it('is no fault of a body that refuses to be let go', async () => {
    const { port, written } = await serving(() =>
      ok({
        [Symbol.asyncIterator]: () => ({
          next: never,
          return() {
            throw new Error('will not')
          },
        }),
      }),
    )
    const wire = new Wire(port)
    wire.send(REQUEST)
    await wire.until('200 OK')
    wire.socket.destroy()
    await written
  })
})

it('a body that fails after the headers closes the connection, never a clean end [PRX-17]', async () => {
  const { port, written } = await serving(() =>
    ok(
      (async function* () {
        yield Buffer.from('part')
        throw new Error('the API went away')
      })(),
    ),
  )
  const wire = new Wire(port)
  wire.send(REQUEST)
  const all = await wire.closed()
  expect(all).not.toContain('\r\n0\r\n')
  await written
})

describe('an unread request body', () => {
  const upload = (size: number) =>
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(size)}`

  it.each([
    ['untouched', async () => {}],
    [
      'left half way',
      async (req: IncomingMessage) => {
        for await (const _chunk of req.iterator({ destroyOnReturn: false })) break
      },
    ],
    [
      'left half way by the BFF, which stops no source',
      async (req: IncomingMessage, res: ServerResponse) => {
        await new NodeRequestView(req, res).body()?.[Symbol.asyncIterator]().next()
      },
    ],
  ])('%s does not keep the connection from its next request', async (_name, before) => {
    let count = 0
    const { port } = await listen(async (req, res) => {
      count += 1
      if (count === 2) return void writeReply(ok('second'), res)
      await before(req, res)
      await writeReply({ status: 413, headers: [], body: 'first' }, res)
    })
    const wire = new Wire(port)
    wire.send(upload(2_000_000) + REQUEST)
    expect(await wire.until('second')).toContain('HTTP/1.1 413')
  })

  /** A server that answers an upload at once, on timers the test moves; resolves when it reads on. */
  async function answeringEarly() {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { promise, resolve } = deferred<IncomingMessage>()
    const { port } = await listen((req, res) => {
      void writeReply({ status: 401, headers: [], body: 'first' }, res)
      res.once('finish', () => resolve(req))
    })
    const wire = new Wire(port)
    wire.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nx')
    const req = await promise
    await wire.until('first')
    const more = async () => {
      const { bytesRead } = req.socket
      wire.send('x')
      while (req.socket.bytesRead === bytesRead) await new Promise((resolve) => setImmediate(resolve))
    }
    return { wire, req, more }
  }

  it('of which nothing comes for five seconds after the answer cuts the connection', async () => {
    const { wire, req, more } = await answeringEarly()
    await more()
    vi.advanceTimersByTime(9_999)
    expect(req.socket.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await wire.closed()).toContain('first')
  })

  it('that never ends cuts the connection thirty seconds after the answer', async () => {
    const { wire, req, more } = await answeringEarly()
    await more()
    for (let second = 0; second < 29; second++) {
      vi.advanceTimersByTime(1_000)
      await more()
    }
    expect(req.socket.destroyed).toBe(false)
    vi.advanceTimersByTime(1_000)
    expect(await wire.closed()).toContain('first')
  })

  it('that ends leaves no timer behind', async () => {
    const { wire, req, more } = await answeringEarly()
    await more()
    const closed = once(req, 'close')
    wire.send('x'.repeat(998))
    await closed
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a reply that cannot be written', () => {
  it.each([
    ['an invalid header', { status: 200, headers: [['x', 'a\nb']], body: null }],
    ['a status that is none', { status: 9, headers: [], body: null }],
  ] satisfies [string, Reply][])('rejects for %s and releases the body', async (_name, reply) => {
    const { body, released } = watchedBody(never)
    const { origin, written } = await serving((_req, res) => {
      setImmediate(() => res.destroy())
      return { ...reply, body }
    })
    await Promise.allSettled([fetch(origin)])
    await expect(written).rejects.toThrow()
    await released
  })

  it('becomes the error reply of the BFF, with nothing of the other in it [PRX-23]', async () => {
    const broken = ok('', [
      ['set-cookie', 'a=1'],
      ['x-a', '1'],
      ['x', 'a\nb'],
    ])
    const { origin } = await listen(
      (_req, res) =>
        void deliverReply(
          bffThat(() => undefined),
          broken,
          res,
        ),
    )
    const response = await fetch(origin)
    expect([response.status, await response.json()]).toEqual([500, { error: 'internal_error' }])
    expect([response.headers.get('x-a'), response.headers.getSetCookie()]).toEqual([null, []])
  })

  it('a promise of a reply that rejects becomes the error reply of the BFF [PRX-23]', async () => {
    const { origin } = await listen((_req, res) => {
      const refused = Promise.reject(new BffError('store_unavailable'))
      void deliverReply(
        bffThat(() => undefined),
        refused,
        res,
      )
    })
    const response = await fetch(origin)
    expect([response.status, await response.json()]).toEqual([503, { error: 'store_unavailable' }])
  })

  it('closes the connection when something else answered half way [PRX-23]', async () => {
    const done = deferred()
    const { origin } = await listen((_req, res) => {
      res.writeHead(200).write('mine')
      void deliverReply(
        bffThat(() => undefined),
        ok('late'),
        res,
      ).then(done.resolve)
    })
    const request = get(origin)
    await once(request, 'response').catch(() => {})
    await done.promise
    request.on('error', () => {}).destroy()
  })
})

describe('startReply', () => {
  it('answers, and adds no listener to the response', async () => {
    const added: unknown[] = []
    const { origin } = await listen((_req, res) => {
      res.on('newListener', (event) => added.push(event))
      startReply(
        bffThat(() => undefined),
        ok('started'),
        res,
      )
    })
    expect(await (await fetch(origin)).text()).toBe('started')
    expect(added).toEqual([])
  })

  it('answers with the error reply of the BFF when the promise of a reply rejects [PRX-23]', async () => {
    const { origin } = await listen((_req, res) => {
      startReply(
        bffThat(() => undefined),
        Promise.reject(new BffError('store_unavailable')),
        res,
      )
    })
    const response = await fetch(origin)
    expect([response.status, await response.json()]).toEqual([503, { error: 'store_unavailable' }])
  })
})

async function* asStream(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts
}

it('watches a connection with one listener, however many requests are pipelined on it', async () => {
  let most = 0
  const { port } = await listen((req, res) => {
    void writeReply(ok(asStream(chunks(1, 1))), res)
    void new NodeRequestView(req, res).signal
    most = Math.max(most, req.socket.listenerCount('close'))
  })
  const wire = new Wire(port)
  wire.send(REQUEST.repeat(50) + REQUEST.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  expect((await wire.closed()).match(/200 OK/g)).toHaveLength(51)
  expect(most).toBeLessThan(5)
})
