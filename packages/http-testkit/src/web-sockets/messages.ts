import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Law } from '../harness.ts'
import { soon } from '../soon.ts'
import { HELD_AT_MOST, Source } from '../world/source.ts'
import { takeWebSockets } from './api-sockets.ts'

/** WS-01 to WS-03: messages pass unread, at the pace of the slower side. */
export function messageLaws(law: Law): void {
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
