import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { bffPlugin } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** What RFC 6455 §1.3 answers to that key. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

async function echo(): Promise<string> {
  const api = createServer().on('upgrade', (_req, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${ACCEPT}\r\n\r\n`,
    )
    socket.on('data', (data) => socket.write(data)).on('error', () => {})
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void api.close())
  return `http://127.0.0.1:${(api.address() as AddressInfo).port}`
}

const handshakeWith = (url: string, origin: string, cookie: string) =>
  request(url, {
    headers: {
      origin,
      cookie,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': KEY,
    },
  }).end()

it('two BFFs of one app relay each its own WebSockets, and a path of neither answers 404', async () => {
  const target = await echo()
  const app = fastify({ forceCloseConnections: true })
  onTestFinished(() => app.close())
  for (const name of ['one', 'two']) {
    const routes = [{ path: `/live/${name}`, target, token: 'none', webSocket: true }] as const
    const bff = createBff({
      origin: ORIGIN,
      basePath: `/bff/${name}`,
      cookie: { name },
      store: memoryStore(),
      encryptionKeys: [generateEncryptionKey()],
      proxy: apiProxy({ routes, upstream: undiciUpstream() }),
      onEvent: () => {},
    })
    await app.register(bffPlugin, { bff, webSockets: true })
  }
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const name of ['one', 'two']) {
    const [answer, socket] = await once(handshakeWith(`${address}/live/${name}`, ORIGIN, ''), 'upgrade')
    expect(answer.statusCode).toBe(101)
    socket.destroy()
  }
  const [nowhere] = await once(handshakeWith(`${address}/live/three`, ORIGIN, ''), 'response')
  expect(nowhere.statusCode).toBe(404)
})

it('relays WebSockets, and ends them with the app [CSR-13, PRX-19]', async () => {
  const target = await echo()
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    proxy: apiProxy({ routes: [{ path: '/live', target, webSocket: true }], upstream: undiciUpstream() }),
    onEvent: () => {},
  })
  const app = fastify()
  await app.register(bffPlugin, { bff, webSockets: true })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    tokens: { accessToken: 'at', expiresIn: 600 },
  })

  const handshake = (origin: string) =>
    handshakeWith(`${address}/live`, origin, cookie.split(';', 1)[0] ?? '')
  const [refused] = await once(handshake('https://evil.example'), 'response')
  expect(refused.statusCode).toBe(403)
  const [, socket] = (await once(handshake(ORIGIN), 'upgrade')) as [unknown, Socket]
  // An empty text frame; what the API echoes is a frame as well.
  socket.write(Buffer.of(0x81, 0))
  expect((await once(socket, 'data'))[0]).toEqual(Buffer.of(0x81, 0))
  const last = once(socket, 'data')
  await app.close()
  expect([...(await last)[0].subarray(0, 4)]).toEqual([0x88, 2 + 'going_away'.length, 1001 >> 8, 1001 & 0xff])
})
