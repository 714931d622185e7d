import { describe, expect, it, vi } from 'vitest'
import { isBffError, type Reply } from '../../src/index.ts'
import { apiProxy, type ProxyRoute, type Upstream, type UpstreamRequest } from '../../src/proxy/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { sessionCache } from '../../src/store/index.ts'
import { world } from '../world.ts'
import { bytes } from './support.ts'

const WITHIN = 5_000
const revocation = { at: 0, reasonCode: 'operator_revoked', actorType: 'operator', actorId: null } as const

/** An API that answers with events for as long as it is listened to. */
class Feed implements Upstream {
  readonly requests: UpstreamRequest[] = []
  contentType = 'text/event-stream'
  length: readonly [string, string] | null = null

  async send(request: UpstreamRequest) {
    this.requests.push(request)
    const { signal } = request
    async function* events(): AsyncGenerator<Uint8Array> {
      yield bytes('data: 1\n\n')
      signal.throwIfAborted()
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const length = this.length === null ? [] : [this.length]
    return { status: 200, headers: [['content-type', this.contentType] as const, ...length], body: events() }
  }

  async close() {}
}

/** A signed-in browser, and streams of it. */
async function signedIn(config: Parameters<typeof world>[0] = {}, route: Partial<ProxyRoute> = {}) {
  const upstream = new Feed()
  const proxy = apiProxy({
    routes: [{ path: '/api', target: 'https://orders.internal', ...route }],
    upstream,
  })
  const made = world({ proxy, ...config })
  made.provider.expiresIn = 86_400
  const browser = made.browser()
  await browser.signIn()
  const [session] = (await made.bff.sessions.list({ userId: 'alice' })).sessions
  if (session === undefined) throw new Error('Nobody is signed in.')
  return {
    ...made,
    upstream,
    handle: session.handle,
    session,
    browser,
    open: async () => follow(await browser.fetch('GET', '/api/feed')),
  }
}

/** Reads a stream on and on. */
function follow({ body, signal }: Reply) {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) throw new Error('No stream.')
  const state = { code: 'open', cut: null as unknown, leave: async () => {} }
  const chunks = body[Symbol.asyncIterator]()
  state.leave = async () => void (await chunks.return?.())
  signal?.addEventListener('abort', () => {
    state.cut = isBffError(signal.reason) ? signal.reason.code : null
  })
  const read = async () => {
    while (!(await chunks.next()).done);
    state.code = 'ended'
  }
  read().catch((error: unknown) => {
    state.code = isBffError(error) ? error.code : String(error)
  })
  return state
}

describe('an event stream ends with its session [PRX-19]', () => {
  it('at once when it is revoked, from wherever the bus reaches', async () => {
    const { bff, clock, handle, events, upstream, open } = await signedIn()
    const streams = [await open(), await open()]
    await clock.settle()
    await bff.sessions.revoke(handle)
    await clock.settle()
    for (const { code, cut } of streams) expect([code, cut]).toEqual(['invalid_session', 'invalid_session'])
    expect(upstream.requests.map(({ signal }) => signal.aborted)).toEqual([true, true])
    expect(events.filter(({ type }) => type === 'proxy.denied')).toHaveLength(2)
    // The revocation of its refresh token waits as well.
    await clock.advance(SHARED_PAUSE_MS)
    expect(clock.sleepers).toBe(0)
  })

  it('at once when a cache still has it, and its end was told before', async () => {
    const { clock, store, handle, open } = await signedIn({ cache: sessionCache() })
    for (let use = 0; use < 2; use++) {
      await (await open()).leave()
      await clock.advance(1)
    }
    const get = vi.spyOn(store.sessions, 'get')
    await store.sessions.revoke(handle, revocation)
    const stream = await open()
    await clock.settle()
    expect([stream.code, get.mock.calls.length]).toEqual(['invalid_session', 1])
  })

  it('at once when it ended while the API made its response', async () => {
    const { clock, store, handle, upstream, open } = await signedIn()
    const send = upstream.send.bind(upstream)
    upstream.send = async (sent) => {
      await store.sessions.revoke(handle, revocation)
      return send(sent)
    }
    const stream = await open()
    await clock.settle()
    expect(stream.code).toBe('invalid_session')
  })

  it('at once when the user signs out', async () => {
    const { clock, browser, open } = await signedIn()
    const stream = await open()
    await browser.fetch('POST', '/bff/logout')
    await clock.settle()
    expect(stream.code).toBe('invalid_session')
  })

  it.each(['revoked', 'deleted'] as const)(
    'within five seconds where no message tells that it was %s',
    async (how) => {
      const { clock, store, handle, open } = await signedIn()
      const stream = await open()
      await clock.advance(60_000)
      if (how === 'deleted') await store.sessions.delete(handle)
      else await store.sessions.revoke(handle, revocation)
      expect(stream.code).toBe('open')
      await clock.advance(WITHIN)
      expect([stream.code, clock.sleepers]).toEqual(['invalid_session', 0])
    },
  )

  it('when it expires, and not before', async () => {
    const { clock, session, open } = await signedIn({ session: { idleTimeoutMs: 61_000 } })
    const stream = await open()
    await clock.advance(61_000)
    expect([stream.code, clock.now()]).toEqual(['open', session.expiresAt])
    await clock.advance(1)
    expect(stream.code).toBe('session_expired')
  })

  it('not while its idle end is put off by other requests', async () => {
    const { clock, browser, open } = await signedIn({
      session: { idleTimeoutMs: 61_000, absoluteTimeoutMs: 150_000 },
    })
    const stream = await open()
    for (let minutes = 1; minutes <= 2; minutes++) {
      await clock.advance(60_000)
      await browser.fetch('GET', '/bff/session')
      expect(stream.code).toBe('open')
    }
    await clock.advance(30_001)
    expect(stream.code).toBe('session_expired')
  })

  it('not in an outage of the store, but at its absolute end', async () => {
    const { clock, store, events, open } = await signedIn({
      session: { idleTimeoutMs: 60_000, absoluteTimeoutMs: 120_000 },
    })
    const stream = await open()
    const outage = vi.spyOn(store.sessions, 'get').mockRejectedValue(new Error('down'))
    await clock.advance(110_000)
    expect(stream.code).toBe('open')
    expect(events.filter(({ type }) => type === 'store.unavailable')).toHaveLength(1)
    expect(outage.mock.calls.length).toBeLessThan(40)
    await clock.advance(15_000)
    expect(stream.code).toBe('session_expired')
  })

  it('also when the bus cannot be listened to', async () => {
    const { clock, store, handle, events, open } = await signedIn()
    vi.spyOn(store.events, 'subscribe').mockRejectedValue(new Error('down'))
    const stream = await open()
    await store.sessions.revoke(handle, revocation)
    await clock.advance(WITHIN)
    expect(stream.code).toBe('invalid_session')
    expect(events).toContainEqual(expect.objectContaining({ type: 'bus.failed', topic: 'session.revoked' }))
  })
})

describe('an answer of unknown length that goes on ends with its session [PRX-19]', () => {
  it('when it ended while the answer was young', async () => {
    const { clock, handle, store, upstream, open } = await signedIn()
    upstream.contentType = 'application/x-ndjson'
    const stream = await open()
    await clock.advance(1_000)
    await store.sessions.revoke(handle, revocation)
    await clock.advance(3_999)
    expect(stream.code).toBe('open')
    await clock.advance(1)
    expect([stream.code, stream.cut]).toEqual(['invalid_session', 'invalid_session'])
    expect(upstream.requests[0]?.signal.aborted).toBe(true)
  })

  it('when it ends later, within five seconds', async () => {
    const { clock, handle, store, upstream, open } = await signedIn()
    upstream.contentType = 'application/octet-stream'
    const streams = [await open(), await open()]
    await clock.advance(20_000)
    await store.sessions.revoke(handle, revocation)
    await clock.advance(WITHIN)
    expect(streams.map(({ code }) => code)).toEqual(['invalid_session', 'invalid_session'])
    expect(clock.sleepers).toBe(0)
  })

  it('at once when it is revoked here', async () => {
    const { bff, clock, handle, upstream, open } = await signedIn()
    upstream.contentType = 'application/octet-stream'
    const stream = await open()
    await clock.advance(6_000)
    await bff.sessions.revoke(handle)
    await clock.settle()
    expect(stream.code).toBe('invalid_session')
  })

  it('but one whose length is known is an ordinary download, which goes to its end', async () => {
    const { bff, clock, handle, upstream, open, store } = await signedIn()
    upstream.contentType = 'application/octet-stream'
    upstream.length = ['content-length', '1000000'] as const
    const stream = await open()
    const get = vi.spyOn(store.sessions, 'get')
    await clock.advance(6_000)
    expect(get).not.toHaveBeenCalled()
    await bff.sessions.revoke(handle)
    await clock.advance(WITHIN)
    expect(stream.code).toBe('open')
  })

  it('and one without time limits of its own is watched, too', async () => {
    const { clock, handle, store, upstream, browser } = await signedIn({}, { idleTimeoutMs: 0 })
    upstream.contentType = 'application/octet-stream'
    const stream = follow(await browser.fetch('GET', '/api/feed'))
    await clock.advance(6_000)
    await store.sessions.revoke(handle, revocation)
    await clock.advance(WITHIN)
    expect([stream.code, clock.sleepers]).toEqual(['invalid_session', 0])
  })
})

it('asks the store once every four seconds for all streams of a session', async () => {
  const { clock, store, open } = await signedIn()
  await Promise.all([open(), open(), open()])
  await clock.settle()
  const get = vi.spyOn(store.sessions, 'get')
  await clock.advance(40_000)
  expect(get).toHaveBeenCalledTimes(10)
})

it('watches nothing for answers that are no streams, and nothing once they have ended', async () => {
  const { clock, store, upstream, open } = await signedIn()
  const subscribe = vi.spyOn(store.events, 'subscribe')
  upstream.contentType = 'text/plain'
  const plain = await open()
  expect([subscribe.mock.calls.length, clock.sleepers]).toEqual([0, 1])
  await plain.leave()
  expect(clock.sleepers).toBe(0)

  upstream.contentType = 'text/event-stream'
  const [one, other] = [await open(), await open()]
  expect([subscribe.mock.calls.length, clock.sleepers]).toEqual([1, 1])
  await one.leave()
  expect(clock.sleepers).toBe(1)
  await other.leave()
  expect(clock.sleepers).toBe(0)
})

it('stops listening with the BFF', async () => {
  const { bff, store, clock, open } = await signedIn()
  const ended = vi.fn(async () => {})
  vi.spyOn(store.events, 'subscribe').mockResolvedValue(ended)
  await open()
  await bff.close()
  expect([ended.mock.calls.length, clock.sleepers]).toEqual([1, 0])
})
