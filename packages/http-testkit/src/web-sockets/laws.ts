import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Upstream } from '@bff/core/proxy'
import { type HttpAdapterOptions, type Law, lawsOf } from '../harness.ts'
import { soon } from '../soon.ts'
import { HELD_AT_MOST, Source } from '../world/source.ts'
import { IDLE_MS, ORIGIN } from '../world/world.ts'
import { takeWebSockets } from './api-sockets.ts'

/** How long one side may go on when the other has left. */
const NOTICE_MS = 1_000
/** How long a WebSocket may outlive its session. */
const WITHIN_MS = 5_000

/** What {@link describeWebSocketRelay} takes: the same `serve`, whose server relays WebSockets below `/live` too. */
export interface WebSocketRelayOptions extends HttpAdapterOptions {
  /** A transport that has `upgrade`, such as `undiciUpstream` of `@bff/node`. */
  readonly upstream: () => Upstream
}

/**
 * Registers the laws of a relay for WebSockets (WS-01 to WS-12), one test each, on a real server.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { describeWebSocketRelay } from '@bff/http-testkit'
 * import { nodeListener, relayWebSockets, undiciUpstream } from '@bff/node'
 * import { test } from 'vitest'
 *
 * describeWebSocketRelay({
 *   name: 'node:http',
 *   test,
 *   upstream: undiciUpstream,
 *   serve: async (bff) => {
 *     const server = createServer(nodeListener(bff))
 *     relayWebSockets(server, bff)
 *     await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
 *     const address = server.address()
 *     return {
 *       origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
 *       close: async () => void server.close(),
 *     }
 *   },
 * })
 * ```
 */
export function describeWebSocketRelay(options: WebSocketRelayOptions): void {
  const law = lawsOf(options, { webSockets: true })
  messageLaws(law)
  handshakeLaws(law)
  endLaws(law)
}

function messageLaws(law: Law): void {
  law('WS-01 messages of every kind and size pass both ways, in order', async (context) => {
    const { client, api, signIn } = context
    takeWebSockets(api)
    const page = await client.webSocket('/live/x', (await signIn()).cookie).opened()
    const messages = ['grüße', '', ...[0, 1, 125, 126, 65_536, 2_000_000].map((size) => randomBytes(size))]
    for (const message of messages) page.socket.send(message)
    for (const message of messages) assert.deepEqual(await page.next(), message)
  })

  law('WS-02 client and API agree on a subprotocol', async ({ client, api, signIn }) => {
    takeWebSockets(api)
    const { cookie } = await signIn()
    const page = await client.webSocket('/live/x', cookie, { protocols: ['v1.orders', 'v2.orders'] }).opened()
    assert.equal(page.socket.protocol, 'v2.orders')
  })

  law('WS-03 the slower side pauses the faster', async ({ client, api, signIn }) => {
    const atApi = takeWebSockets(api, () => {})
    const page = await client.webSocket('/live/x', (await signIn()).cookie).opened()
    page.socket.pause()
    const socket = await atApi()
    const source = new Source({
      write: (piece) => new Promise((resolve) => socket.send(piece, resolve)),
      end: () => socket.close(1000),
    })
    await soon('the standstill of the API', source.paused)
    assert.ok(
      source.written < HELD_AT_MOST,
      `The API could send ${source.written} bytes to a page that reads none`,
    )
    page.socket.resume()
    assert.deepEqual(await page.closed(), [1000, ''])
  })
}

function handshakeLaws(law: Law): void {
  law(
    'WS-04 a handshake that a page of another site makes is refused, and reaches no API',
    async (context) => {
      const { client, api, store, signIn } = context
      takeWebSockets(api)
      const { cookie } = await signIn()
      for (const origin of [
        'https://evil.example',
        'null',
        `${ORIGIN}.evil.example`,
        'http://app.example.com',
        null,
      ]) {
        const page = client.webSocket('/live/x', cookie, { origin, headers: { 'x-csrf': '1' } })
        assert.equal((await page.refused()).status, 403, `${origin}`)
      }
      assert.deepEqual([api.targets, store.reads], [[], 0])
    },
  )

  law('WS-05 a handshake without a live session is refused, and reaches no API', async (context) => {
    const { client, api, bff, signIn } = context
    takeWebSockets(api)
    const { cookie, handle } = await signIn()
    await bff.sessions.revoke(handle)
    for (const dead of [null, cookie])
      assert.equal((await client.webSocket('/live/x', dead).refused()).status, 401)
    assert.deepEqual(api.targets, [])
  })

  law('WS-06 the API gets path and token, and nothing the browser claims or keeps', async (context) => {
    const { client, api, signIn } = context
    takeWebSockets(api)
    const { cookie, accessToken } = await signIn()
    const headers = { authorization: 'Bearer spoofed', 'x-forwarded-for': '203.0.113.9', dpop: 'spoofed' }
    await client.webSocket('/live/7?since=3', `${cookie}; theme=dark`, { headers }).opened()
    const [handshake] = api.requests
    assert.equal(handshake?.url, '/7?since=3')
    assert.equal(handshake?.headers.authorization, `Bearer ${accessToken}`)
    assert.equal(handshake?.headers.cookie, undefined)
    assert.doesNotMatch(JSON.stringify(handshake?.headers), /203\.0\.113\.9|spoofed|dark/)
  })

  law('WS-07 only a route of WebSockets takes one', async ({ client, api, signIn }) => {
    takeWebSockets(api)
    const { cookie } = await signIn()
    for (const path of ['/open/x', '/api/x', '/bff/session', '/bff/nothing', '/app/echo']) {
      const { status } = await client.webSocket(path, cookie).refused()
      assert.ok(status < 500, `${path}: ${status}`)
    }
    assert.deepEqual(api.targets, [])
  })

  law(
    'WS-08 a handshake whose target is not in origin-form is refused, and reaches no API',
    async (context) => {
      const { client, api, signIn } = context
      takeWebSockets(api)
      const { cookie } = await signIn()
      const headers = [
        'host: app',
        'connection: Upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        `origin: ${ORIGIN}`,
        `cookie: ${cookie}`,
      ].join('\r\n')
      for (const target of [
        'http://evil.example/live/x',
        '//live/x',
        '//evil.example/live/x',
        'live/x',
        '/live/x#y',
      ]) {
        const wire = client.wire()
        wire.send(`GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`)
        assert.match(await wire.closed(), /^$|^HTTP\/1\.1 4\d\d /, target)
      }
      assert.deepEqual(api.targets, [])
    },
  )

  law('WS-09 an API that refuses a handshake refuses it to the page', async ({ client, api, signIn }) => {
    const { cookie } = await signIn()
    const refusal = 'HTTP/1.1 429 Too Many Requests\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlater'
    api.upgrade = (_req, socket) => socket.end(refusal)
    assert.deepEqual(await client.webSocket('/live/x', cookie).refused(), { status: 429, body: 'later' })
    api.upgrade = (_req, socket) => socket.destroy()
    assert.equal((await client.webSocket('/live/x', cookie).refused()).status, 502)
  })
}

function endLaws(law: Law): void {
  law('WS-10 either side closes with a code of its own; one that breaks off is cut', async (context) => {
    const { client, api, signIn } = context
    const atApi = takeWebSockets(api)
    const { cookie } = await signIn()

    const closedByApi = await client.webSocket('/live/x', cookie).opened()
    ;(await atApi()).close(4000, 'enough')
    assert.deepEqual(await closedByApi.closed(), [4000, 'enough'])

    const cutByApi = await client.webSocket('/live/x', cookie).opened()
    ;(await atApi()).terminate()
    assert.deepEqual(await cutByApi.closed(NOTICE_MS), [1006, ''])

    const closedByPage = await client.webSocket('/live/x', cookie).opened()
    const closed = once(await atApi(), 'close')
    closedByPage.socket.close(4001, 'leaving')
    assert.deepEqual((await soon('the close at the API', closed)).map(String), ['4001', 'leaving'])

    const cutByPage = await client.webSocket('/live/x', cookie).opened()
    const cut = once(await atApi(), 'close')
    cutByPage.destroy()
    assert.equal((await soon('the end at the API', cut, NOTICE_MS))[0], 1006)
  })

  law(
    'WS-11 a WebSocket ends when its session is revoked, here or elsewhere, and no other',
    async (context) => {
      const { client, api, bff, store, clock, signIn } = context
      takeWebSockets(api)
      const [here, elsewhere, other] = [await signIn('alice'), await signIn('alice'), await signIn('bob')]
      const pages = await Promise.all(
        [here, elsewhere, other].map(({ cookie }) => client.webSocket('/live/x', cookie).opened()),
      )
      const [endedHere, endedElsewhere, open] = pages
      await bff.sessions.revoke(here.handle)
      assert.deepEqual(await endedHere?.closed(NOTICE_MS), [4401, 'invalid_session'])
      const revocation = { reasonCode: 'admin', actorType: 'admin', actorId: null, at: clock.now() }
      await store.sessions.revoke(elsewhere.handle, revocation)
      await clock.advance(WITHIN_MS)
      assert.deepEqual(await endedElsewhere?.closed(NOTICE_MS), [4401, 'invalid_session'])
      open?.socket.send('still here')
      assert.equal(await open?.next(), 'still here')
    },
  )

  law('WS-12 a WebSocket ends when its session expires', async ({ client, api, clock, signIn }) => {
    const atApi = takeWebSockets(api)
    const page = await client.webSocket('/live/x', (await signIn()).cookie).opened()
    const closed = once(await atApi(), 'close')
    await clock.advance(IDLE_MS + WITHIN_MS)
    assert.deepEqual(await page.closed(NOTICE_MS), [4401, 'session_expired'])
    await soon('the end at the API', closed, NOTICE_MS)
  })
}
