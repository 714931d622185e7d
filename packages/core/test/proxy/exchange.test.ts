import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { BffError, type Reply } from '../../src/index.ts'
import type { UpstreamRequest } from '../../src/proxy/index.ts'
import { bytes, chunksOf, setUp, systemOnManualTimers, textOf } from './support.ts'

const setUpWith = setUp

/** A response body whose chunks the test hands out; like a transport's, it breaks when the signal aborts. */
function manualBody() {
  let wake = () => {}
  const queue: Array<() => IteratorResult<Uint8Array, undefined>> = []
  let signal: AbortSignal | null = null
  const put = (step: () => IteratorResult<Uint8Array, undefined>) => {
    queue.push(step)
    wake()
  }
  const state = { pulls: 0, returned: 0 }
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        state.pulls++
        while (queue.length === 0) {
          if (signal?.aborted) throw signal.reason
          await new Promise<void>((resolve) => {
            wake = resolve
            signal?.addEventListener('abort', () => resolve(), { once: true })
          })
        }
        const step = queue.shift()
        if (step === undefined) throw new Error('The queue is empty.')
        return step()
      },
      async return() {
        state.returned++
        return { done: true, value: undefined }
      },
    }),
  }
  return {
    state,
    send: (text: string) => put(() => ({ done: false, value: bytes(text) })),
    end: () => put(() => ({ done: true, value: undefined })),
    fail: (error: Error) =>
      put(() => {
        throw error
      }),
    answer:
      (headers: ReadonlyArray<readonly [string, string]> = []) =>
      (request: UpstreamRequest) => {
        signal = request.signal
        return { headers, body }
      },
  }
}

const iterate = (reply: Reply) => {
  if (reply.body === null || typeof reply.body === 'string' || reply.body instanceof Uint8Array)
    throw new Error('The body is no stream.')
  return reply.body[Symbol.asyncIterator]()
}

const never = ({ signal }: UpstreamRequest) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )

describe.each([
  ['a clock of its own', manualClock],
  ['the clock of the system', systemOnManualTimers],
])('time limits by %s [PRX-18]', (_name, makeClock) => {
  const setUp = (...given: Parameters<typeof setUpWith>) =>
    setUpWith(given[0], given[1], given[2], makeClock())

  it('hands the limit for headers to the transport', async () => {
    const { upstream, call } = setUp({ headersTimeoutMs: 1234 })
    await call('/api/x')
    expect(upstream.only.headersTimeoutMs).toBe(1234)
  })

  it('a timeout is 504, an unreachable API 502, each told to the operator [S1-37, flaw 15]', async () => {
    const cause = new Error('connect ECONNREFUSED')
    for (const [thrown, code, status] of [
      [new BffError('upstream_timeout'), 'upstream_timeout', 504],
      [cause, 'upstream_unavailable', 502],
      [new BffError('upstream_unavailable', undefined, { cause }), 'upstream_unavailable', 502],
    ] as const) {
      const { events, call } = setUp({}, () => {
        throw thrown
      })
      await expect(call('/api/x')).rejects.toMatchObject({ code, status })
      const expected = code === 'upstream_timeout' ? thrown : cause
      expect(events).toEqual([{ type: 'proxy.failed', code, route: '/api', cause: expected }])
    }
  })

  it('the total limit ends a request without an answer', async () => {
    const { clock, events, call } = setUp({ totalTimeoutMs: 5_000 }, never)
    const refused = expect(call('/api/x')).rejects.toMatchObject({ code: 'upstream_timeout' })
    await clock.advance(5_000)
    await refused
    expect(events).toMatchObject([{ type: 'proxy.failed', code: 'upstream_timeout', route: '/api' }])
  })

  it('the total limit ends an answer that keeps coming', async () => {
    const body = manualBody()
    const { clock, events, call } = setUp({ totalTimeoutMs: 5_000, idleTimeoutMs: 0 }, body.answer())
    const chunks = iterate(await call('/api/x'))
    body.send('a')
    await chunks.next()
    await clock.advance(4_999)
    body.send('b')
    await expect(chunks.next()).resolves.toMatchObject({ done: false })
    const broken = expect(chunks.next()).rejects.toMatchObject({ code: 'upstream_timeout' })
    await clock.advance(1)
    await broken
    expect(events).toMatchObject([{ type: 'proxy.failed', code: 'upstream_timeout' }])
  })

  it('the idle limit counts from the last chunk', async () => {
    const body = manualBody()
    const { clock, events, upstream, call } = setUp({ idleTimeoutMs: 1_000 }, body.answer())
    const chunks = iterate(await call('/api/x'))
    for (const text of ['a', 'b', 'c']) {
      const next = chunks.next()
      await clock.advance(900)
      body.send(text)
      await expect(next).resolves.toMatchObject({ done: false })
    }
    const broken = expect(chunks.next()).rejects.toMatchObject({ code: 'upstream_timeout' })
    await clock.advance(999)
    expect(upstream.only.signal.aborted).toBe(false)
    await clock.advance(1)
    await broken
    expect(events).toHaveLength(1)
  })

  it('the idle limit does not count while the client is the slow one [PRX-16]', async () => {
    const body = manualBody()
    const { clock, upstream, call } = setUp({ idleTimeoutMs: 1_000, token: 'none' }, body.answer())
    const chunks = iterate(await call('/api/x', {}, null))
    body.send('a')
    await chunks.next()
    await clock.advance(60_000)
    expect(upstream.only.signal.aborted).toBe(false)
    body.end()
    expect(await chunks.next()).toMatchObject({ done: true })
  })

  it('an event stream has neither idle nor total limit', async () => {
    const body = manualBody()
    const { clock, events, call } = setUp(
      { idleTimeoutMs: 1_000, totalTimeoutMs: 2_000, token: 'none' },
      body.answer([['content-type', 'Text/Event-Stream; charset=utf-8']]),
    )
    const chunks = iterate(await call('/api/events', {}, null))
    const next = chunks.next()
    await clock.advance(3_600_000)
    body.send('data: x\n\n')
    expect(await next).toMatchObject({ done: false })
    expect(events).toEqual([])
  })

  it('a slow upload is not the API’s time', async () => {
    const { clock, call } = setUp({ totalTimeoutMs: 1_000 })
    async function* slow() {
      await clock.sleep(10_000)
      yield bytes('x')
    }
    const reply = await clock.run(call('/api/x', { method: 'POST', body: slow() }))
    expect(reply.status).toBe(200)
  })

  it('a client that stops in the middle of its upload is told so, and the request to the API is given up', async () => {
    const slow = { replayBodyBytes: 0, idleTimeoutMs: 1_000 }
    const { upstream, clock, call, events } = setUp(slow, async ({ body }) => {
      await textOf(body)
      return {}
    })
    async function* stalling() {
      yield bytes('a')
      await clock.sleep(999)
      yield bytes('b')
      await clock.sleep(1_001)
      yield bytes('c')
    }
    const refused = clock.run(call('/api/x', { method: 'POST', body: stalling() }))
    await expect(refused).rejects.toMatchObject({ code: 'bad_request', status: 400 })
    expect(upstream.only.signal.aborted).toBe(true)
    expect(events).toMatchObject([{ type: 'proxy.denied', code: 'bad_request' }])
  })

  it('an API that is slow to take an upload is not the client’s time', async () => {
    const slow = { replayBodyBytes: 0, idleTimeoutMs: 1_000 }
    const { clock, call } = setUp(slow, async ({ body }) => {
      if (body === null || body instanceof Uint8Array) return { status: 500 }
      for await (const _chunk of body) await clock.sleep(5_000)
      return {}
    })
    const reply = await clock.run(call('/api/x', { method: 'POST', body: chunksOf('a', 'b', 'c') }))
    expect(reply.status).toBe(200)
    await clock.settle()
    expect(clock.sleepers).toBe(0)
  })

  it('no timer outlives its exchange', async () => {
    const limits = { totalTimeoutMs: 5_000, idleTimeoutMs: 1_000 }
    const whole = setUp(limits, () => ({ body: chunksOf('a', 'b') }))
    expect(await textOf((await whole.call('/api/x')).body)).toBe('ab')
    const empty = setUp(limits)
    await empty.call('/api/x')
    const left = setUp(limits, () => ({ body: chunksOf('a', 'b') }))
    const chunks = iterate(await left.call('/api/x'))
    await chunks.next()
    await chunks.return?.()
    const failed = setUp(limits, () => {
      throw new Error('down')
    })
    await failed.call('/api/x').catch(() => {})
    for (const { clock } of [whole, empty, left, failed]) {
      await clock.settle()
      expect(clock.sleepers).toBe(0)
    }
  })
})

describe('either side going away [PRX-17]', () => {
  it('a client that leaves cancels the request, and is no fault of the API', async () => {
    const client = new AbortController()
    const { clock, upstream, events, call } = setUp({}, never)
    const refused = expect(call('/api/x', { signal: client.signal })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await clock.settle()
    client.abort()
    await refused
    expect(upstream.only.signal.aborted).toBe(true)
    expect(events).toEqual([])
  })

  it('a client that has left before is not served', async () => {
    const { upstream, call } = setUp({}, async ({ signal }) => {
      signal.throwIfAborted()
      return {}
    })
    await expect(call('/api/x', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect(upstream.only.signal.aborted).toBe(true)
  })

  it('a client that leaves during the answer cancels it', async () => {
    const client = new AbortController()
    const body = manualBody()
    const { upstream, events, call } = setUp({}, body.answer())
    const chunks = iterate(await call('/api/x', { signal: client.signal }))
    const next = expect(chunks.next()).rejects.toThrow()
    client.abort()
    await next
    expect(upstream.only.signal.aborted).toBe(true)
    expect(events).toEqual([])
  })

  it('a host that stops reading cancels the answer, also before its first chunk', async () => {
    for (const started of [true, false]) {
      const body = manualBody()
      const { upstream, call } = setUp({}, body.answer())
      const chunks = iterate(await call('/api/x'))
      body.send('a')
      if (started) await chunks.next()
      await chunks.return?.()
      expect(upstream.only.signal.aborted).toBe(true)
      expect(body.state.returned).toBe(1)
    }
  })

  it('an API that breaks off never looks like a clean end', async () => {
    const body = manualBody()
    const { events, upstream, call } = setUp({}, body.answer())
    const chunks = iterate(await call('/api/x'))
    body.send('a')
    await chunks.next()
    const cause = new Error('other side closed')
    body.fail(cause)
    await expect(chunks.next()).rejects.toMatchObject({ code: 'upstream_unavailable' })
    expect(events).toEqual([{ type: 'proxy.failed', code: 'upstream_unavailable', route: '/api', cause }])
    expect(upstream.only.signal.aborted).toBe(true)
  })

  it('whoever leaves a body while its next chunk is awaited ends the call, and that is no failure', async () => {
    const body = manualBody()
    const { events, upstream, call } = setUp({}, body.answer())
    const chunks = iterate(await call('/api/x'))
    const awaited = expect(chunks.next()).rejects.toThrow()
    await chunks.return?.()
    await awaited
    expect([upstream.only.signal.aborted, events]).toEqual([true, []])
  })

  it('watches a client by its own means, and stops when a response has arrived whole', async () => {
    let watched = 0
    const client = new AbortController()
    const onDisconnect = (leave: () => void) => {
      watched++
      client.signal.addEventListener('abort', leave)
      return () => {
        watched--
        client.signal.removeEventListener('abort', leave)
      }
    }
    const whole = setUp({}, () => ({ body: chunksOf('whole'), bytes: bytes('whole') }))
    const reply = await whole.call('/api/x', { signal: client.signal, onDisconnect })
    expect([await textOf(reply.body), watched]).toEqual(['whole', 0])

    const { upstream, call } = setUp({}, never)
    const refused = expect(call('/api/x', { signal: client.signal, onDisconnect })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await new Promise(setImmediate)
    expect(watched).toBe(1)
    client.abort()
    await refused
    expect([upstream.only.signal.aborted, watched]).toEqual([true, 0])
  })

  it('tells a transport of its end without a signal, with the same reason, once', async () => {
    const client = new AbortController()
    const reasons: unknown[] = []
    const { upstream, call } = setUp({}, (request) => {
      request.onAbort?.((reason) => reasons.push(reason))
      return never(request)
    })
    const refused = expect(call('/api/x', { signal: client.signal })).rejects.toThrow()
    await new Promise(setImmediate)
    client.abort()
    await refused
    upstream.only.onAbort?.((reason) => reasons.push(reason))
    expect(reasons).toEqual([upstream.only.signal.reason, upstream.only.signal.reason])
  })

  it('leaves no listener on the client’s signal', async () => {
    const client = new AbortController()
    let listeners = 0
    const { addEventListener: add, removeEventListener: remove } = client.signal
    client.signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners++
      add.apply(client.signal, given)
    }
    client.signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners--
      remove.apply(client.signal, given)
    }
    const { call } = setUp({}, () => ({ body: chunksOf('a') }))
    await textOf((await call('/api/x', { signal: client.signal })).body)
    expect(listeners).toBeLessThanOrEqual(0)
  })

  it('asks the API for a chunk only when the client wants one [PRX-16]', async () => {
    const body = manualBody()
    const { call } = setUp({}, body.answer())
    const chunks = iterate(await call('/api/x'))
    for (const text of ['a', 'b', 'c']) body.send(text)
    expect(body.state.pulls).toBe(0)
    await chunks.next()
    expect(body.state.pulls).toBe(1)
  })
})
