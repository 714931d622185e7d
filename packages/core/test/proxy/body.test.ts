import { describe, expect, it } from 'vitest'
import { BffError } from '../../src/index.ts'
import type { ProxyRoute } from '../../src/proxy/index.ts'
import { bytes, chunksOf, fakeSession, setUp, textOf, type ViewOptions, valuesOf } from './support.ts'

type Pairs = NonNullable<ViewOptions['headers']>

const post = (headers: Pairs, body?: AsyncIterable<Uint8Array>): ViewOptions => ({
  method: 'POST',
  headers,
  ...(body && { body }),
})

/** An upstream that reads the whole body, as a transport does. */
function reading(route: Partial<ProxyRoute> = {}) {
  const bodies: string[] = []
  const set = setUp(route, async ({ body }) => {
    bodies.push(await textOf(body))
    return {}
  })
  return { ...set, bodies }
}

describe('ambiguous framing [PRX-10]', () => {
  it.each([
    [
      [
        ['content-length', '3'],
        ['transfer-encoding', 'chunked'],
      ],
    ],
    [
      [
        ['content-length', '3'],
        ['content-length', '3'],
      ],
    ],
    [
      [
        ['content-length', '3'],
        ['content-length', '4'],
      ],
    ],
    [[['content-length', '3, 3']]],
    [[['content-length', '+3']]],
    [[['content-length', '-1']]],
    [[['content-length', '3 ']]],
    [[['content-length', '0x3']]],
    [[['content-length', '1e3']]],
    [[['content-length', '']]],
    [[['content-length', '9999999999999999999']]],
    [[['transfer-encoding', 'chunked, x']]],
    [[['transfer-encoding', 'gzip, chunked']]],
    [[['transfer-encoding', 'identity']]],
    [
      [
        ['transfer-encoding', 'chunked '],
        ['transfer-encoding', 'chunked'],
      ],
    ],
    [[['transfer-encoding', 'xchunked']]],
  ] satisfies Array<[Pairs]>)('%j is refused', async (headers) => {
    const { upstream, call } = setUp()
    await expect(call('/api/x', post(headers, chunksOf('abc')))).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect(upstream.sent).toEqual([])
  })

  it.each(['GET', 'HEAD'])('a %s with a body is refused', async (method) => {
    for (const headers of [[['content-length', '3']], [['transfer-encoding', 'chunked']]] satisfies Pairs[]) {
      const { call } = setUp()
      const refused = call('/api/x', { method, headers, body: chunksOf('abc') })
      await expect(refused).rejects.toMatchObject({ code: 'bad_request' })
    }
  })

  it('a GET that says it has no body is fine, and its body is not looked for', async () => {
    const { upstream, call } = setUp()
    await call('/api/x', { headers: [['content-length', '0']], body: chunksOf('smuggled') })
    expect(upstream.only.body).toBeNull()
  })

  it('passes on neither of the framing headers of a body it holds', async () => {
    const { upstream, call } = setUp()
    await call('/api/x', post([['transfer-encoding', 'Chunked']], chunksOf('abc')))
    expect(upstream.only.headers.map(([name]) => name)).not.toContain('transfer-encoding')
    expect(upstream.only.headers.map(([name]) => name)).not.toContain('content-length')
    expect(upstream.only.body).toEqual(bytes('abc'))
  })
})

describe('the body limit [PRX-15]', () => {
  it('refuses by Content-Length before anything is read, opened or sent', async () => {
    const { upstream, events, call } = setUp({ maxBodyBytes: 10 })
    const session = fakeSession({
      tokens: async () => {
        throw new Error('Tokens were opened.')
      },
    })
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]() {
        throw new Error('The body was read.')
      },
    }
    await expect(call('/api/x', post([['content-length', '11']], body), session)).rejects.toMatchObject({
      code: 'payload_too_large',
      status: 413,
    })
    expect(upstream.sent).toEqual([])
    expect(events).toMatchObject([{ type: 'proxy.denied', code: 'payload_too_large', path: '/api/x' }])
  })

  it('counts what is kept in memory', async () => {
    const { upstream, call } = setUp({ maxBodyBytes: 10 })
    const refused = call('/api/x', post([], chunksOf('123456', '789012')))
    await expect(refused).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(upstream.sent).toEqual([])
  })

  it('counts what is streamed, and breaks the upload off there', async () => {
    const { bodies, call } = reading({ maxBodyBytes: 10, replayBodyBytes: 0 })
    const refused = call('/api/x', post([], chunksOf('123456', '789012', 'never')))
    await expect(refused).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(bodies).toEqual([])
  })

  it('reports 413 also when the transport reports the broken upload in its own words', async () => {
    const { call } = setUp({ maxBodyBytes: 10, replayBodyBytes: 0 }, async ({ body }) => {
      await textOf(body).catch(() => {})
      throw new BffError('upstream_unavailable')
    })
    await expect(call('/api/x', post([], chunksOf('123456', '789012')))).rejects.toMatchObject({
      code: 'payload_too_large',
    })
  })

  it('takes exactly the limit, and anything when there is none', async () => {
    const { bodies, call } = reading({ maxBodyBytes: 10 })
    await call('/api/x', post([['content-length', '10']], chunksOf('12345', '67890')))
    await reading({ maxBodyBytes: 0 }).call('/api/x', post([], chunksOf('x'.repeat(100_000))))
    expect(bodies).toEqual(['1234567890'])
  })

  /** A body of twenty chunks, each of six bytes, that says what became of it. */
  function upload() {
    const seen = { left: 20, returned: false }
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () =>
          seen.left-- > 0 ? { done: false, value: bytes('123456') } : { done: true, value: undefined },
        return: async () => {
          seen.returned = true
          return { done: true, value: undefined }
        },
      }),
    }
    return { seen, source }
  }

  it('never ends the source itself: the 413 is still to be written to its connection', async () => {
    for (const replayBodyBytes of [0, 65_536]) {
      const { seen, source } = upload()
      const refused = reading({ maxBodyBytes: 10, replayBodyBytes }).call('/api/x', post([], source))
      await expect(refused).rejects.toMatchObject({ code: 'payload_too_large' })
      expect(seen.returned).toBe(false)
    }
  })

  it('reads the rest of a body that is too large, so that its connection serves on', async () => {
    for (const replayBodyBytes of [0, 65_536]) {
      const { seen, source } = upload()
      const { call, clock } = reading({ maxBodyBytes: 10, replayBodyBytes })
      await expect(call('/api/x', post([], source))).rejects.toMatchObject({ code: 'payload_too_large' })
      await clock.settle()
      expect([seen.left, seen.returned, clock.sleepers]).toEqual([-1, false, 0])
    }
  })
})

describe('a body the API answers before it has all of it', () => {
  const endless = () => {
    const seen = { count: 0, returned: false }
    const waiting: Array<() => void> = []
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await new Promise<void>((resolve) => waiting.push(resolve))
          seen.count += 1
          return { done: false, value: bytes('1234') }
        },
        return: async () => {
          seen.returned = true
          return { done: true, value: undefined }
        },
      }),
    }
    return { seen, source, push: () => waiting.shift()?.() }
  }

  it('is read on, also when the transport never touched it', async () => {
    const body = chunksOf('1234', '5678', '9012')
    const { call, clock } = setUp({ replayBodyBytes: 0 }, () => ({ status: 413 }))
    expect((await call('/api/x', post([], body))).status).toBe(413)
    await clock.settle()
    expect(await body.next()).toEqual({ done: true, value: undefined })
    expect(clock.sleepers).toBe(0)
  })

  it('is read on when the transport lets go of it, though the answer goes on', async () => {
    const body = chunksOf('1234', '5678', '9012')
    const { call, clock } = setUp({ replayBodyBytes: 0 }, async ({ body: sent }) => {
      if (sent !== null && !(sent instanceof Uint8Array)) for await (const _chunk of sent) break
      return { body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) } }
    })
    await call('/api/x', post([], body))
    await clock.settle()
    expect(await body.next()).toEqual({ done: true, value: undefined })
  })

  it('is read on when a hook fails before anything is sent', async () => {
    const body = chunksOf('1234', '5678', '9012')
    const onRequest = () => {
      throw new Error('The hook failed.')
    }
    const { call, clock } = setUp({ replayBodyBytes: 0, onRequest })
    await expect(call('/api/x', post([], body))).rejects.toThrow('The hook failed.')
    await clock.settle()
    expect(await body.next()).toEqual({ done: true, value: undefined })
  })

  it('is read on for 30 seconds, then its source is ended', async () => {
    const { seen, source, push } = endless()
    const { call, clock } = setUp({ replayBodyBytes: 0 }, () => ({ status: 401 }))
    await call('/api/x', post([['content-length', '1000']], source))
    for (let second = 0; second < 30; second++) {
      expect(seen.returned).toBe(false)
      push()
      await clock.advance(1_000)
    }
    push()
    await clock.settle()
    expect(seen.returned).toBe(true)
    const { count } = seen
    push()
    await clock.settle()
    expect(seen.count).toBe(count)
  })
})

describe('the replay buffer', () => {
  it('keeps a small body as bytes, whatever its chunks', async () => {
    const { upstream, call } = setUp({ replayBodyBytes: 6 })
    await call('/api/x', post([], chunksOf('ab', '', 'cd', 'ef')))
    expect(upstream.only.body).toEqual(bytes('abcdef'))
  })

  it('streams a larger one, beginning with what it had kept', async () => {
    const { upstream, bodies, call } = reading({ replayBodyBytes: 3 })
    await call('/api/x', post([], chunksOf('ab', 'cd', 'ef')))
    expect(upstream.only.body).not.toBeInstanceOf(Uint8Array)
    expect(bodies).toEqual(['abcdef'])
  })

  it('streams at once when the declared length is too large to keep, and says that length', async () => {
    const { upstream, bodies, call } = reading({ replayBodyBytes: 3 })
    await call('/api/x', post([['content-length', '4']], chunksOf('ab', 'cd')))
    expect(upstream.only.headers).toContainEqual(['content-length', '4'])
    expect(bodies).toEqual(['abcd'])
  })

  it('takes an empty body for none', async () => {
    for (const options of [
      post([['content-length', '0']], chunksOf('x')),
      post([], chunksOf()),
      post([], chunksOf('')),
      post([]),
    ]) {
      const { upstream, call } = setUp()
      await call('/api/x', options)
      expect(upstream.only.body).toBeNull()
    }
  })

  it.each([
    ['ab', 3],
    ['abcd', 3],
  ])('a body %j declared as %i bytes is refused, never passed on as complete', async (text, length) => {
    for (const replayBodyBytes of [0, 100]) {
      const { bodies, call } = reading({ replayBodyBytes })
      const refused = call('/api/x', post([['content-length', String(length)]], chunksOf(text)))
      await expect(refused).rejects.toMatchObject({ code: 'bad_request' })
      expect(bodies).toEqual([])
    }
  })

  it('passes multipart on byte for byte [PRX-24]', async () => {
    const form =
      '--b\r\nContent-Disposition: form-data; name="a\r\nb"; filename="x"\r\n\r\n\u0000\r\n--b--\r\n'
    const { upstream, bodies, call } = reading()
    await call('/api/x', post([['content-type', 'multipart/form-data; boundary=b']], chunksOf(form)))
    expect(bodies).toEqual([form])
    expect(valuesOf(upstream.only.headers, 'content-type')).toEqual(['multipart/form-data; boundary=b'])
  })
})

describe('a body that cannot be had', () => {
  it('keeps the code of one read by somebody else', async () => {
    const { call, proxy } = setUp()
    const consumed = {
      method: 'POST',
      target: '/api/x',
      remoteAddress: undefined,
      header: () => undefined,
      headers: () => [],
      body: () => {
        throw new BffError('body_consumed')
      },
      signal: new AbortController().signal,
    }
    const route = proxy.match('/api/x')
    if (route)
      await expect(proxy.forward(route, consumed, fakeSession())).rejects.toMatchObject({
        code: 'body_consumed',
      })
    expect(call).toBeDefined()
  })

  it('is the client’s fault when it breaks off', async () => {
    async function* broken() {
      yield bytes('ab')
      throw new Error('aborted')
    }
    for (const replayBodyBytes of [0, 100]) {
      const { call } = reading({ replayBodyBytes })
      await expect(call('/api/x', post([], broken()))).rejects.toMatchObject({ code: 'bad_request' })
    }
  })
})
