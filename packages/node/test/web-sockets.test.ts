import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { BffError } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { nodeListener, relayWebSockets } from '../src/index.ts'
import { Wire } from './harness.ts'
import {
  closeOf,
  listening,
  messageOf,
  ORIGIN,
  refusalOf,
  webSocketApi,
  webSocketWorld,
} from './web-socket-world.ts'

const DEAD_COOKIE = 'bff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const WITHIN = 5_000
const HANDSHAKE = [
  'host: a',
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  `origin: ${ORIGIN}`,
]

async function echoing(given: Omit<Parameters<typeof webSocketWorld>[0], 'target'> = {}) {
  const api = await webSocketApi()
  return { api, ...(await webSocketWorld({ target: `http://127.0.0.1:${api.port}/v1`, ...given })) }
}

describe('an open WebSocket', () => {
  it('carries messages of every kind and size both ways, unread', async () => {
    const { signIn, open } = await echoing()
    const socket = await open((await signIn()).cookie)
    expect(socket.extensions).toContain('permessage-deflate')
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
      const data = randomBytes(size)
      socket.send(data)
      const answer = await messageOf(socket)
      expect([answer.isBinary, answer.data.equals(data)]).toEqual([true, true])
    }
    socket.send('grüße')
    expect(await messageOf(socket)).toEqual({ data: Buffer.from('grüße'), isBinary: false })
    socket.send('in ', { fin: false })
    socket.send('parts', { fin: true })
    expect(String((await messageOf(socket)).data)).toBe('in parts')
  })

  it('gives the API the token, the path and who asked, and no cookie [BFF-14]', async () => {
    const { signIn, open, api } = await echoing({ route: { forwardHeaders: ['origin'] } })
    await open(`${(await signIn()).cookie}; other=1`, '/api/live/7?since=3', {
      headers: { 'x-forwarded-for': '6.6.6.6', authorization: 'Bearer mine', 'x-secret': '1' },
    })
    const [handshake] = api.handshakes
    expect(handshake?.url).toBe('/v1/live/7?since=3')
    expect(handshake?.headers).toMatchObject({
      host: `127.0.0.1:${api.port}`,
      authorization: 'Bearer token-of-alice',
      origin: ORIGIN,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'localhost:3000',
    })
    for (const name of ['cookie', 'x-secret', 'dpop'])
      expect([name, handshake?.headers[name]]).toEqual([name, undefined])
  })

  it('lets client and API agree on a subprotocol', async () => {
    const { signIn, open, api } = await echoing()
    const socket = await open((await signIn()).cookie, '/api/live', { protocols: ['v1.orders', 'v2.orders'] })
    expect(socket.protocol).toBe('v2.orders')
    expect(api.handshakes[0]?.headers['sec-websocket-protocol']).toBe('v1.orders,v2.orders')
  })

  it('passes through a BFF at the root, whose endpoints are no WebSockets', async () => {
    const { signIn, open, port } = await echoing({ config: { basePath: '/' } })
    const socket = await open((await signIn()).cookie)
    socket.send('hello')
    expect(String((await messageOf(socket)).data)).toBe('hello')
    const refused = new WebSocket(`ws://127.0.0.1:${port}/session`, { origin: ORIGIN })
    expect(await refusalOf(refused)).toMatchObject({ status: 405 })
  })

  it('passes ping and pong through', async () => {
    const pinged: string[] = []
    const api = await webSocketApi((socket) => {
      socket.on('ping', (data) => pinged.push(String(data)))
      socket.on('pong', (data) => socket.send(`pong ${String(data)}`))
      socket.ping('from the API')
    })
    const { signIn, open } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const socket = await open((await signIn()).cookie)
    expect(String((await messageOf(socket)).data)).toBe('pong from the API')
    socket.ping('from the page')
    expect(String((await once(socket, 'pong'))[0])).toBe('from the page')
    expect(pinged).toEqual(['from the page'])
  })

  it('passes close codes and reasons through, from either side', async () => {
    const closed: Array<[number, string]> = []
    const api = await webSocketApi((socket) => {
      socket.on('message', () => socket.close(4000, 'enough'))
      socket.on('close', (code, reason) => closed.push([code, String(reason)]))
    })
    const { signIn, open } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const { cookie } = await signIn()
    const one = await open(cookie)
    one.send('x')
    expect(await closeOf(one)).toEqual([4000, 'enough'])
    const other = await open(cookie)
    other.close(4001, 'leaving')
    expect(await closeOf(other)).toEqual([4001, 'leaving'])
    await expect
      .poll(() => closed)
      .toEqual([
        [4000, 'enough'],
        [4001, 'leaving'],
      ])
  })

  it('is cut without a close frame when the API dies [PRX-17]', async () => {
    const api = await webSocketApi((socket) => void socket.on('message', () => socket.terminate()))
    const { signIn, open, events } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const socket = await open((await signIn()).cookie)
    socket.send('x')
    expect(await closeOf(socket)).toEqual([1006, ''])
    expect(events.filter(({ type }) => type === 'request.failed')).toEqual([])
  })

  it('is cut at the API when the client dies [PRX-17]', async () => {
    const closed = vi.fn()
    const api = await webSocketApi((socket) => void socket.on('close', closed))
    const { signIn, open } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const socket = await open((await signIn()).cookie)
    socket.terminate()
    await expect.poll(() => closed).toHaveBeenCalledWith(1006, expect.anything())
  })

  it('goes at the pace of the slower side, holding little [PRX-16]', async () => {
    const block = randomBytes(1 << 20)
    const flood = (socket: WebSocket) => {
      for (let count = 0; count < 32; count++) socket.send(block)
    }
    const received: number[] = []
    let fromApi: WebSocket | undefined
    const api = await webSocketApi((socket) => {
      fromApi = socket
      socket.pause()
      flood(socket)
      socket.on('message', (data: Buffer) => received.push(data.byteLength))
    })
    const { signIn, open, server } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    let held = () => 0
    server.prependListener('upgrade', (_req, socket) => {
      held = () => socket.writableLength + socket.readableLength
    })
    const socket = await open((await signIn()).cookie, '/api/live', { perMessageDeflate: false })
    socket.pause()
    flood(socket)
    // Both sides have as much under way as the sockets between them hold, and no more moves.
    let before = ''
    await vi.waitFor(
      () => {
        const waiting = [fromApi?.bufferedAmount ?? 0, socket.bufferedAmount]
        const still = String(waiting) === before
        before = String(waiting)
        expect(still && Math.min(...waiting) > 0).toBe(true)
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(held()).toBeLessThan(1 << 20)
    const got: number[] = []
    socket.on('message', (data: Buffer) => got.push(data.byteLength))
    socket.resume()
    fromApi?.resume()
    await expect.poll(() => [got.length, received.length]).toEqual([32, 32])
  })
})

describe('a handshake', () => {
  it.each([
    ['a foreign origin', 'https://evil.example'],
    ['an origin that only begins alike', `${ORIGIN}.evil.example`],
    ['the opaque origin', 'null'],
    ['no origin', undefined],
  ])('of %s is refused before the store or the API is asked [CSR-13]', async (_name, origin) => {
    const { signIn, connect, store, api, events } = await echoing()
    const { cookie } = await signIn()
    const get = vi.spyOn(store.sessions, 'get')
    // What a page cannot send must not make up for it.
    const headers = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
    const socket = connect(cookie, '/api/live', {
      headers,
      ...(origin === undefined ? { origin: '' } : { origin }),
    })
    const { status, body } = await refusalOf(socket)
    expect([status, JSON.parse(body).error]).toEqual([403, 'csrf_violation'])
    expect([get.mock.calls.length, api.handshakes.length]).toEqual([0, 0])
    expect(events).toContainEqual(expect.objectContaining({ type: 'csrf.rejected', reason: 'origin' }))
  })

  it('of an allowed origin is taken [CSR-13]', async () => {
    const { signIn, open } = await echoing({
      config: { csrf: { allowedOrigins: ['https://www.example.com'] } },
    })
    await open((await signIn()).cookie, '/api/live', { origin: 'https://www.example.com' })
  })

  it.each([
    ['nobody', '', 'no_session'],
    ['a dead session', DEAD_COOKIE, 'invalid_session'],
  ])('of %s is refused [PRX-19]', async (_name, cookie, code) => {
    const { connect, api } = await echoing()
    const { status, headers, body } = await refusalOf(connect(cookie))
    expect([status, JSON.parse(body).error, api.handshakes.length]).toEqual([401, code, 0])
    expect([headers.connection, headers['cache-control']]).toEqual(['close', 'no-store'])
    expect(headers['set-cookie']).toBeUndefined()
  })

  it('answers 503 in an outage of the store', async () => {
    const { signIn, connect, store } = await echoing()
    const { cookie } = await signIn()
    vi.spyOn(store.sessions, 'get').mockRejectedValue(new BffError('store_unavailable'))
    const { status, headers } = await refusalOf(connect(cookie))
    expect([status, headers['set-cookie']]).toEqual([503, undefined])
  })

  it.each([
    ['at a path that escapes the route', '/api/..%2fadmin'],
    ['at an encoded prefix', '/api/%2e%2e/admin'],
    ['at a doubled slash', '/api//live'],
  ])('%s is refused [PRX-03]', async (_name, path) => {
    const { signIn, port, api } = await echoing()
    const { cookie } = await signIn()
    const wire = new Wire(port)
    wire.send([`GET ${path} HTTP/1.1`, ...HANDSHAKE, `cookie: ${cookie}`, '', ''].join('\r\n'))
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 400 .*invalid_path/s)
    expect(api.handshakes).toEqual([])
  })

  it.each([
    ['absolute-form', 'http://127.0.0.1/api/live'],
    ['another host', 'http://169.254.169.254/latest'],
    ['authority-form', '//169.254.169.254/api'],
  ])('in %s is refused [PRX-02]', async (_name, target) => {
    const { port, api } = await echoing()
    const wire = new Wire(port)
    wire.send([`GET ${target} HTTP/1.1`, ...HANDSHAKE, '', ''].join('\r\n'))
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 400 .*invalid_path/s)
    expect(api.handshakes).toEqual([])
  })

  it.each([
    ['of another version', 'sec-websocket-version: 13', 'sec-websocket-version: 8'],
    ['without a key', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', 'x: y'],
    ['with a broken key', 'dGhlIHNhbXBsZSBub25jZQ==', 'short'],
    ['to another protocol', 'upgrade: websocket', 'upgrade: h2c'],
    ['to several protocols', 'upgrade: websocket', 'upgrade: websocket, h2c'],
    ['with a body', 'host: a', 'host: a\r\ncontent-length: 5'],
    ['with two lengths', 'host: a', 'host: a\r\ntransfer-encoding: chunked'],
  ])('%s is refused, and nothing is tunnelled [PRX-10]', async (_name, from, to) => {
    const { signIn, port, api } = await echoing()
    const { cookie } = await signIn()
    const wire = new Wire(port)
    const head = ['GET /api/live HTTP/1.1', ...HANDSHAKE, `cookie: ${cookie}`, '', '']
      .join('\r\n')
      .replace(from, to)
    wire.send(`${head}GET /v1/smuggled HTTP/1.1\r\nhost: a\r\n\r\n`)
    const seen = await wire.closed()
    expect(seen).toMatch(/^HTTP\/1\.1 400 .*bad_request/s)
    expect([seen.match(/HTTP\/1\.1/g)?.length, api.handshakes.length]).toEqual([1, 0])
  })

  it('to a route without WebSockets is refused', async () => {
    const { signIn, connect } = await echoing({ route: { webSocket: false } })
    expect(await refusalOf(connect((await signIn()).cookie))).toMatchObject({ status: 400 })
  })

  it('gets the API’s refusal as it is, without what is about its server', async () => {
    const api = await webSocketApi(
      undefined,
      () =>
        'HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nset-cookie: a=1\r\nserver: x\r\nconnection: close\r\n\r\nnot you',
    )
    const { signIn, connect } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const { status, headers, body } = await refusalOf(connect((await signIn()).cookie))
    expect([status, body, headers['content-type']]).toEqual([403, 'not you', 'text/plain'])
    expect([headers['set-cookie'], headers['server']]).toEqual([undefined, undefined])
  })

  it.each([
    ['is not there', 502, 'upstream_unavailable', null],
    [
      'is no WebSocket server',
      502,
      'upstream_unavailable',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    ],
    [
      'switches to something else',
      502,
      'upstream_unavailable',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n',
    ],
    ['speaks no HTTP', 502, 'upstream_unavailable', 'hello\r\n\r\n'],
    ['hangs up', 502, 'upstream_unavailable', ''],
  ])('with an API that %s answers %i', async (_name, expected, code, answer) => {
    const api = await webSocketApi(undefined, () => answer)
    if (answer === null) await new Promise((resolve) => api.server.close(resolve))
    const { signIn, connect, events } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const { status, body } = await refusalOf(connect((await signIn()).cookie))
    expect([status, JSON.parse(body).error]).toEqual([expected, code])
    expect(events).toContainEqual(expect.objectContaining({ type: 'proxy.failed', code }))
  })

  it('with an API that says nothing answers 504 [PRX-18]', async () => {
    const server = createServer().on('upgrade', () => {})
    const target = `http://127.0.0.1:${await listening(server)}`
    const { signIn, connect } = await webSocketWorld({ target, route: { headersTimeoutMs: 20 } })
    expect(await refusalOf(connect((await signIn()).cookie))).toMatchObject({ status: 504 })
  })

  it('is cut at the API when the client leaves in it', async () => {
    let arrived = () => {}
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    let closed: Promise<unknown> | undefined
    const server = createServer().on('upgrade', (_req, socket) => {
      closed = once(socket.resume(), 'end')
      arrived()
    })
    const { signIn, connect } = await webSocketWorld({
      target: `http://127.0.0.1:${await listening(server)}`,
    })
    const socket = connect((await signIn()).cookie)
    await there
    socket.terminate()
    await closed
  })

  it('proves possession for the handshake, with the nonce the API asks for [DPO-09]', async () => {
    const api = await webSocketApi(undefined, ({ headers }) =>
      payloadOf(headers['dpop'])['nonce'] === 'n1'
        ? null
        : 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: DPoP error="use_dpop_nonce"\r\ndpop-nonce: n1\r\nconnection: close\r\n\r\n',
    )
    const { bff, open } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const dpopKeyPair = await generateDpopKeyPair()
    const { cookie } = await bff.sessions.create({
      userId: 'alice',
      tokens: { accessToken: 'bound', expiresIn: 600, dpopKeyPair },
    })
    await open(cookie.split(';', 1)[0] ?? '', '/api/live?x=1')
    const headers = api.handshakes.map((handshake) => handshake.headers)
    expect(headers.map(({ authorization }) => authorization)).toEqual(['DPoP bound', 'DPoP bound'])
    expect(payloadOf(headers[1]?.['dpop'])).toMatchObject({
      htm: 'GET',
      htu: `http://127.0.0.1:${api.port}/live`,
    })
  })
})

function payloadOf(proof: string | string[] | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(proof).split('.')[1] ?? 'e30', 'base64url').toString())
}

describe('a WebSocket ends with its session [PRX-19]', () => {
  it('at once when it is revoked, in the middle of other messages', async () => {
    const { bff, signIn, connect, open, api } = await echoing()
    const { cookie, handle } = await signIn()
    const socket = await open(cookie)
    const [atApi] = [...api.webSockets.clients]
    const closedAtApi = atApi === undefined ? null : closeOf(atApi)
    socket.on('message', () => socket.send('x'))
    socket.send('x')
    await messageOf(socket)
    await bff.sessions.revoke(handle)
    expect(await closeOf(socket)).toEqual([4401, 'invalid_session'])
    await closedAtApi
    expect(await refusalOf(connect(cookie))).toMatchObject({ status: 401 })
  })

  it('at once when the user signs out of it, and no other', async () => {
    const { signIn, open, port } = await echoing()
    const [one, other] = [await signIn(), await signIn()]
    const [ended, kept] = [await open(one.cookie), await open(other.cookie)]
    const closed = closeOf(ended)
    const headers = { cookie: one.cookie, 'x-csrf': '1', origin: ORIGIN }
    const response = await fetch(`http://127.0.0.1:${port}/bff/logout`, { method: 'POST', headers })
    expect([response.status, await closed]).toEqual([200, [4401, 'invalid_session']])
    kept.send('still here')
    expect(String((await messageOf(kept)).data)).toBe('still here')
  })

  it('within five seconds when another process revokes it and no message says so', async () => {
    const { store, clock, signIn, open } = await echoing()
    const { cookie, handle } = await signIn()
    const socket = await open(cookie)
    const closed = closeOf(socket)
    const by = { at: clock.now(), reasonCode: 'operator_revoked', actorType: 'operator', actorId: null }
    await store.sessions.revoke(handle, by)
    await clock.advance(WITHIN)
    expect(await closed).toEqual([4401, 'invalid_session'])
  })

  it('when it expires', async () => {
    const { clock, signIn, open } = await echoing({ config: { session: { idleTimeoutMs: 3_000 } } })
    const socket = await open((await signIn()).cookie)
    const closed = closeOf(socket)
    await clock.advance(3_000)
    socket.send('alive')
    expect(String((await messageOf(socket)).data)).toBe('alive')
    await clock.advance(1)
    expect(await closed).toEqual([4401, 'session_expired'])
  })

  it('also when the client reads nothing', async () => {
    const block = randomBytes(1 << 20)
    const api = await webSocketApi((socket) => {
      for (let count = 0; count < 16; count++) socket.send(block)
    })
    const { bff, signIn, open, server } = await webSocketWorld({ target: `http://127.0.0.1:${api.port}` })
    const seen: Duplex[] = []
    server.prependListener('upgrade', (_req, socket) => seen.push(socket))
    const { cookie, handle } = await signIn()
    const socket = await open(cookie, '/api/live', { perMessageDeflate: false })
    socket.pause()
    const [atBff] = seen
    await expect.poll(() => atBff?.writableNeedDrain).toBe(true)
    await bff.sessions.revoke(handle)
    await expect.poll(() => atBff?.closed).toBe(true)
  })

  it('an unauthenticated route has no session to end with', async () => {
    const { clock, open } = await echoing({ route: { token: 'none' } })
    const socket = await open('')
    await clock.advance(86_400_000)
    socket.send('x')
    expect(String((await messageOf(socket)).data)).toBe('x')
    expect(clock.sleepers).toBe(0)
  })
})

it('a hundred at once share nothing, and end with their own sessions', async () => {
  const { bff, clock, signIn, open, events } = await echoing()
  const people = await Promise.all(Array.from({ length: 10 }, (_, index) => signIn(`user-${index}`)))
  const sockets = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const socket = await open(people[index % 10]?.cookie ?? '')
      socket.send(`of ${index}`)
      expect(String((await messageOf(socket)).data)).toBe(`of ${index}`)
      return socket
    }),
  )
  // One watch a session, and no timer of any other kind.
  expect(clock.sleepers).toBe(10)
  const closing = sockets.filter((_, index) => index % 10 === 3).map(closeOf)
  await bff.sessions.revokeAll({ userId: 'user-3' })
  expect(await Promise.all(closing)).toEqual(closing.map(() => [4401, 'invalid_session']))
  await clock.advance(WITHIN)
  expect(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)).toHaveLength(90)
  for (const socket of sockets) socket.terminate()
  await expect.poll(() => clock.sleepers).toBe(0)
  expect(events.filter(({ type }) => type === 'proxy.denied')).toHaveLength(10)
})

describe('the server', () => {
  it('close tells clients that it is going away, and lets the server close', async () => {
    const { signIn, open, server, relay } = await echoing()
    const socket = await open((await signIn()).cookie)
    const closed = closeOf(socket)
    relay.close()
    expect(await closed).toEqual([1001, 'going_away'])
    await new Promise((resolve) => server.close(resolve))
  })

  it('closing the BFF cuts what is open', async () => {
    const { signIn, open, bff } = await echoing()
    const socket = await open((await signIn()).cookie)
    const closed = closeOf(socket)
    await bff.close()
    expect(await closed).toEqual([1006, ''])
  })

  it('leaves other paths to the server’s other listeners, and answers 404 without one', async () => {
    const { bff, connect } = await echoing()
    expect(await refusalOf(connect('', '/app/live'))).toMatchObject({ status: 404 })

    const own = new WebSocketServer({ noServer: true })
    const server = createServer(nodeListener(bff))
    relayWebSockets(server, bff)
    server.on('upgrade', (req, socket, head) => {
      if (req.url === '/app/live') own.handleUpgrade(req, socket, head, (one) => one.send('the app'))
    })
    const socket = new WebSocket(`ws://127.0.0.1:${await listening(server)}/app/live`)
    onTestFinished(() => socket.terminate())
    expect(String((await messageOf(socket)).data)).toBe('the app')
  })

  it.each(['/bff/login', '/bff/session', '/bff', '/bff?x=1'])(
    'is no way to the BFF’s own %s',
    async (path) => {
      const { signIn, connect } = await echoing()
      const { status, headers } = await refusalOf(connect((await signIn()).cookie, path))
      expect([status, headers['set-cookie']]).toEqual([404, undefined])
    },
  )

  it('close also ends what is only just being opened', async () => {
    let take = () => {}
    const webSockets = new WebSocketServer({ noServer: true })
    const server = createServer()
    const asked = new Promise<void>((resolve) => {
      server.on('upgrade', (req, socket, head) => {
        take = () => webSockets.handleUpgrade(req, socket, head, () => {})
        resolve()
      })
    })
    const world = await webSocketWorld({ target: `http://127.0.0.1:${await listening(server)}` })
    const socket = world.connect((await world.signIn()).cookie)
    const closed = closeOf(socket)
    await asked
    world.relay.close()
    take()
    expect(await closed).toEqual([1001, 'going_away'])
    await new Promise((resolve) => world.server.close(resolve))
  })
})
