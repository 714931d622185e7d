import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import {
  type Bff,
  type BffConfig,
  BffError,
  type BffEvent,
  createBff,
  generateEncryptionKey,
  type Stores,
  systemClock,
} from '@bff/core'
import { type DeviceBindingOptions, deviceBinding } from '@bff/core/device-binding'
import { apiProxy } from '@bff/core/proxy'
import { NodeRequestView, nodeListener, relayWebSockets, undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { onTestFinished } from 'vitest'
import type { Certificate } from '../../src/certificate.ts'
import { providerAt, writePage } from './two-sites.ts'

/** What one request of a browser got. */
export interface Seen {
  readonly path: string
  readonly method: string
  readonly hasProof: boolean
  readonly cookies: string
  readonly status: number
}

export interface BoundSite {
  readonly bff: Bff
  readonly origin: string
  /** Another site: the provider, and at `/links` a page with a link to the app's page. */
  readonly elsewhere: string
  readonly seen: readonly Seen[]
  readonly events: readonly BffEvent[]
  /** What the bound cookie's refresh needs of the store, and requests do not. */
  cannotRefresh: boolean
  /** Moves the server's time of day. */
  advance(ms: number): void
}

export interface BoundSiteOptions {
  readonly binding?: DeviceBindingOptions
  readonly plugins?: BffConfig['plugins']
  readonly sameSite?: 'strict' | 'lax'
  /** Whether the provider knows that it is Alice, and shows no page. @default false */
  readonly isSignedIn?: boolean
  /** What the app's page does before anything else. @default nothing */
  readonly script?: string
}

/** An app with device binding on `https://localhost`, its provider on another site, and an API behind it. */
export async function boundSite(
  { key, cert }: Certificate,
  { binding, plugins = [], sameSite = 'strict', isSignedIn = false, script = '' }: BoundSiteOptions = {},
): Promise<BoundSite> {
  const app = createTlsServer({ key, cert })
  const origin = `https://localhost:${await listen(app, 'localhost')}`
  const provider = createServer()
  const elsewhere = `http://127.0.0.1:${await listen(provider, '127.0.0.1')}`
  const identity = providerAt(elsewhere)
  const api = apiServer()
  const apiOrigin = `http://127.0.0.1:${await listen(api, '127.0.0.1')}`
  const seen: Seen[] = []
  const events: BffEvent[] = []
  let offset = 0

  const stores = memoryStore()
  const ttl = new Proxy(stores.ttl, {
    get: (target, name) =>
      name === 'setIfAbsent' && site.cannotRefresh
        ? () => Promise.reject(new BffError('store_unavailable'))
        : Reflect.get(target, name).bind(target),
  })
  const bff = createBff({
    origin,
    store: { ...stores, ttl } satisfies Stores,
    encryptionKeys: [generateEncryptionKey()],
    // The test's clock passes the end of any token.
    provider: {
      ...identity,
      exchange: async (...given) => ({ ...(await identity.exchange(...given)), expiresIn: null }),
    },
    login: { returnTo: '/page' },
    cookie: { sameSite },
    clock: { ...systemClock, now: () => systemClock.now() + offset },
    plugins: [...plugins, deviceBinding(binding)],
    proxy: apiProxy({
      routes: [{ path: '/api', target: apiOrigin, csrf: 'same-origin', webSocket: true }],
      upstream: undiciUpstream(),
    }),
    onEvent: (event) => events.push(event),
  })
  const site: BoundSite = {
    bff,
    origin,
    elsewhere,
    seen,
    events,
    cannotRefresh: false,
    advance: (ms) => {
      offset += ms
    },
  }

  const page: RequestListener = async (req, res) => {
    const view = new NodeRequestView(req, res)
    try {
      if (req.url === '/worker.js')
        return void res
          .writeHead(200, { 'content-type': 'text/javascript' })
          .end("fetch('/bff/user', {headers: {'x-csrf': '1'}}).then((r) => postMessage(r.status))")
      if (req.url === '/rotate') {
        const rotated = await bff.sessions.rotate(await bff.requireSession(view))
        return void res.writeHead(204, { 'set-cookie': rotated?.cookie ?? '' }).end()
      }
      const session = await bff.getSession(view)
      const text = session === null ? 'Nobody' : `Hello, ${session.userId}`
      writePage(res, `<script>${script}</script><h1>${text}</h1>`)
    } catch (error) {
      const { status, body } = bff.errorReply(error)
      res.writeHead(status).end(body)
    }
  }
  const answer = nodeListener(bff, page)
  app.on('request', (req, res) => {
    res.on('finish', () =>
      seen.push({
        path: req.url?.split('?', 1)[0] ?? '',
        method: req.method ?? '',
        hasProof: req.headers['secure-session-response'] !== undefined,
        cookies: req.headers.cookie ?? '',
        status: res.statusCode,
      }),
    )
    answer(req, res)
  })
  relayWebSockets(app, bff)
  provider.on('request', (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', elsewhere)
    if (pathname === '/links') return writePage(res, `<a href="${origin}/page">page</a>`)
    const back = (code: string) => `${origin}/bff/callback?code=${code}&state=${searchParams.get('state')}`
    if (isSignedIn) res.writeHead(303, { location: back('alice') }).end()
    else writePage(res, ['alice', 'bob'].map((user) => `<a href="${back(user)}">${user}</a>`).join(' '))
  })
  onTestFinished(() => bff.close())
  return site
}

/** Echoes bodies, streams one event, and accepts WebSockets. */
function apiServer(): Server {
  const api = createServer((req, res) => {
    if (req.url === '/events') {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n')
      return
    }
    res.writeHead(200, { 'content-type': 'text/plain' })
    req.pipe(res)
  })
  api.on('upgrade', (req, socket) => {
    const key = `${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.on('error', () => {})
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  })
  return api
}

async function listen(server: Server, hostname: string): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, hostname)
  await once(server, 'listening')
  onTestFinished(async () => {
    // Also those of WebSockets, which are the server's no more.
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  return address.port
}
