import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createBff, generateEncryptionKey } from '@bff/core'
import { clientAddress } from '@bff/core/client-address'
import { healthEndpoint } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { nodeListener, relayWebSockets, undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { signIn, startProvider } from '@bff/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { HOST, startProxy } from './support/proxies.ts'

const UPLOAD_BYTES = 50 * 1024 * 1024

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** An API with a stream, a socket and a path that counts what it receives. */
async function startApi(): Promise<number> {
  const server = createServer(async (req, res) => {
    if (req.url === '/feed') {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
      return
    }
    let bytes = 0
    for await (const chunk of req) bytes += chunk.length
    res.end(JSON.stringify({ bytes, from: req.headers['x-forwarded-for'] }))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  return listen(server)
}

interface Call {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: Readable
}

it.each(['nginx', 'haproxy', 'caddy'] as const)(
  'The documented configuration of %s carries a sign-in, an event stream, a WebSocket and a large upload',
  async (proxy) => {
    const origin = `https://${HOST}`
    const provider = await startProvider({ appOrigins: [origin], backchannelLogoutUri: null })
    onTestFinished(() => provider.close())
    const target = `http://127.0.0.1:${await startApi()}`
    const bff = createBff({
      origin,
      store: memoryStore(),
      encryptionKeys: [generateEncryptionKey()],
      onEvent: () => {},
      provider: oidc({ issuer: provider.issuer, ...provider.clients.basic }),
      plugins: [healthEndpoint()],
      clientAddress: clientAddress({ trustedProxies: ['127.0.0.1'] }),
      proxy: apiProxy({
        routes: [
          { path: '/feed', target: `${target}/feed`, csrf: 'same-origin' },
          { path: '/live', target, webSocket: true },
          { path: '/api', target, maxBodyBytes: 0 },
        ],
        upstream: undiciUpstream(),
      }),
    })
    const server = createServer(nodeListener(bff))
    const relay = relayWebSockets(server, bff)
    onTestFinished(() => bff.close())
    onTestFinished(() => relay.close())
    const { port, ca } = await startProxy(proxy, await listen(server))

    const open = (path: string, { method = 'GET', headers = {}, body }: Call = {}) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = request({
          host: '127.0.0.1',
          port,
          path,
          method,
          headers: { host: HOST, ...headers },
          servername: HOST,
          ca,
        })
        outgoing.on('response', resolve).on('error', reject)
        if (body === undefined) outgoing.end()
        else body.pipe(outgoing)
      })
    await expect
      .poll(
        () =>
          open('/bff/session').then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true)

    /** Every request of the sign-in goes through the proxy. */
    const throughTheProxy = async ({ url, headers }: Request): Promise<Response> => {
      const { pathname, search } = new URL(url)
      const response = await open(pathname + search, { headers: Object.fromEntries(headers) })
      const lines = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      )
      return new Response(await text(response), { status: response.statusCode ?? 0, headers: lines })
    }
    const { headers, cookie } = await signIn({ fetch: throughTheProxy, options: bff.options }, 'alice')
    expect(cookie).toMatch(/^__Host-Http-bff=/)

    const feed = await open('/feed', { headers })
    expect(String((await once(feed, 'data'))[0])).toBe('data: first\n\n')
    feed.destroy()

    const socket = new WebSocket(`wss://127.0.0.1:${port}/live`, [], {
      headers: { cookie, host: HOST },
      origin,
      agent: new Agent({ ca, servername: HOST }),
    })
    await once(socket, 'open')
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('echo hello')
    socket.terminate()

    const chunks = Array.from({ length: UPLOAD_BYTES / 65_536 }, () => Buffer.alloc(65_536))
    const upload = await open('/api/upload', {
      method: 'POST',
      headers: { ...headers, 'x-forwarded-for': '203.0.113.9', 'content-length': String(UPLOAD_BYTES) },
      body: Readable.from(chunks),
    })
    // The address that a client wrote has no effect.
    expect(JSON.parse(await text(upload))).toEqual({ bytes: UPLOAD_BYTES, from: '127.0.0.1' })
  },
)
