import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import { ORIGIN } from '../world/world.ts'
import { takeWebSockets } from './api-sockets.ts'

/** WS-04 to WS-09: who may open a WebSocket, and what the API hears of it (CSR-13). */
export function handshakeLaws(law: Law): void {
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
    const { client, api, revoke, signIn } = context
    takeWebSockets(api)
    const { cookie, handle } = await signIn()
    await revoke(handle)
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
