import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Bff, type BffConfig, type BffEvent, createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy, type ProxyRoute } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { nodeListener, relayWebSockets, undiciUpstream } from '../src/index.ts'

export const ORIGIN = 'http://localhost:3000'

/** A server for the length of one test; what was upgraded is cut with it. */
export async function listening(server: Server): Promise<number> {
  server.on('connection', (socket) => onTestFinished(() => void socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** An API of WebSockets, which echoes unless told otherwise. */
export async function webSocketApi(
  onOpen: (socket: WebSocket) => void = echo,
  refuse?: (req: IncomingMessage) => string | null,
) {
  const handshakes: IncomingMessage[] = []
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered].at(-1) ?? false,
  })
  const server = createServer((_req, res) => void res.end('no WebSocket'))
  server.on('upgrade', (req, socket, head) => {
    handshakes.push(req)
    const refusal = refuse?.(req) ?? null
    if (refusal !== null) socket.end(refusal)
    else webSockets.handleUpgrade(req, socket, head, onOpen)
  })
  return { port: await listening(server), handshakes, webSockets, server }
}

export function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

export interface WorldOptions {
  readonly target: string
  readonly route?: Partial<ProxyRoute>
  readonly config?: Partial<BffConfig>
}

/** A BFF on a real port whose `/api` relays WebSockets, and browsers to open them with. */
export async function webSocketWorld({ target, route = {}, config = {} }: WorldOptions) {
  const clock = manualClock()
  const store = memoryStore()
  const events: BffEvent[] = []
  const bff = createBff({
    origin: ORIGIN,
    store,
    clock,
    encryptionKeys: [generateEncryptionKey()],
    proxy: apiProxy({
      routes: [{ path: '/api', target, webSocket: true, ...route }],
      upstream: undiciUpstream(),
    }),
    onEvent: (event) => events.push(event),
    ...config,
  })
  const server = createServer(nodeListener(bff))
  const relay = relayWebSockets(server, bff)
  const port = await listening(server)
  onTestFinished(() => bff.close())
  return { bff, clock, store, events, server, relay, port, ...visitors(bff, port) }
}

function visitors(bff: Bff, port: number) {
  async function signIn(userId = 'alice') {
    const { session, cookie } = await bff.sessions.create({
      userId,
      tokens: { accessToken: `token-of-${userId}`, expiresIn: 86_400 * 30 },
    })
    return { handle: session.handle, cookie: cookie.split(';', 1)[0] ?? '', session }
  }

  /** Opens a WebSocket as a page of the app does. */
  function connect(
    cookie: string,
    path = '/api/live',
    options: ClientOptions & { protocols?: string[] } = {},
  ) {
    const { protocols = [], headers, ...rest } = options
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
      origin: ORIGIN,
      headers: { ...(cookie !== '' && { cookie }), ...headers },
      perMessageDeflate: true,
      ...rest,
    })
    socket.on('error', () => {})
    onTestFinished(() => socket.terminate())
    return socket
  }

  /** Opens one and waits for it. */
  async function open(
    cookie: string,
    path?: string,
    options?: Parameters<typeof connect>[2],
  ): Promise<WebSocket> {
    const socket = connect(cookie, path, options)
    await once(socket, 'open')
    return socket
  }

  return { signIn, connect, open }
}

/** Status and body of a refused handshake. */
export async function refusalOf(
  socket: WebSocket,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** How a WebSocket was closed, once it is. */
export async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, String(reason)]
}

/** The next message. */
export async function messageOf(socket: WebSocket): Promise<{ data: Buffer; isBinary: boolean }> {
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  return { data, isBinary }
}
