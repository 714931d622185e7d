import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Bff, createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import fastify from 'fastify'
import { onTestFinished } from 'vitest'
import { type BffPluginOptions, bffPlugin } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  origin: ORIGIN,
}
/** What RFC 6455 §1.3 answers to that key. */
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

/** A BFF with its endpoints below `basePath`, and an API of WebSockets at `/live`. */
function bffOver(basePath: string, target: string): Bff {
  const routes = [{ path: '/live', target, token: 'none', webSocket: true }] as const
  return createBff({
    origin: ORIGIN,
    basePath,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    proxy: apiProxy({ routes, upstream: undiciUpstream() }),
    onEvent: () => {},
  })
}

async function webSocketApi(): Promise<string> {
  const api = createServer().on('upgrade', (_req, socket) => void socket.end(SWITCHED))
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void api.close())
  return `http://127.0.0.1:${(api.address() as AddressInfo).port}`
}

/** The status of this request to an app with the plugin. */
async function asked(options: BffPluginOptions, path: string, headers = {}): Promise<number | undefined> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(bffPlugin, options)
  onTestFinished(() => app.close())
  const sent = request((await app.listen({ port: 0, host: '127.0.0.1' })) + path, { headers }).end()
  const [answer] = (await Promise.race([once(sent, 'response'), once(sent, 'upgrade')])) as [IncomingMessage]
  answer.destroy()
  return answer.statusCode
}

testOptions<BffPluginOptions>('BffPluginOptions', {
  bff: {
    set: bffOver('/auth', ORIGIN),
    instead: bffOver('/bff', ORIGIN),
    see: (options) => asked({ bff: bffOver('/bff', ORIGIN), ...options }, '/auth/user', { 'x-csrf': '1' }),
    shows: [404, 401],
  },
  webSockets: {
    set: true,
    see: async (options) =>
      asked({ bff: bffOver('/bff', await webSocketApi()), ...options }, '/live', HANDSHAKE),
    shows: [403, 101],
  },
})
