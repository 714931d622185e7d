import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { type Bff, type Clock, createBff, systemClock } from '@bff/core'
import { clientAddress } from '@bff/core/client-address'
import { backchannelLogout, sessionEndpoints } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { memoryRateLimiter, rateLimit } from '@bff/core/rate-limit'
import { deliverReply, NodeRequestView, nodeListener, undiciUpstream } from '@bff/node'
import { type Fetch, oidc } from '@bff/oidc'
import { Agent, buildConnector, fetch } from 'undici'
import { watchStalls } from '../stalls.ts'
import { LIMIT, MAX_ADDRESSES } from './limits.ts'
import { openStore, watchLeases } from './open-store.ts'
import type { Notice, Order, ProcessSettings } from './protocol.ts'

/** One BFF in a process of its own: the harness starts it, skews its clock, and kills it. */
let skewMs = 0

function tell(notice: Notice): void {
  if (process.connected) process.send?.(notice)
}

const clock: Clock = { ...systemClock, now: () => Date.now() + skewMs }

/** Requests to the provider, over connections that go through the proxy which can fail. */
function fetchThrough({ host, port }: ProcessSettings['providerAddress']): Fetch {
  const connector = buildConnector({})
  const dispatcher = new Agent({
    connect: (options, done) => connector({ ...options, hostname: host, port: String(port) }, done),
  })
  const send = async (url: string, init: object): Promise<object> => fetch(url, { ...init, dispatcher })
  // undici's own types of what the platform's `fetch` takes and gives, which are the same objects.
  return send as Fetch
}

function createApp(settings: ProcessSettings): Bff {
  const stores = openStore(settings.store)
  return createBff({
    origin: settings.origin,
    store: watchLeases(stores, (lease) => tell({ lease })),
    clock,
    encryptionKeys: settings.encryptionKeys,
    provider: oidc({
      issuer: settings.issuer,
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      scope: 'openid profile offline_access orders',
      fetch: fetchThrough(settings.providerAddress),
    }),
    session: { absoluteTimeoutMs: settings.absoluteTimeoutMs },
    refresh: { leaseMs: settings.leaseMs },
    proxy: apiProxy({
      routes: [{ path: '/api', target: settings.apiTarget }],
      upstream: undiciUpstream(),
    }),
    ...(settings.limits && { clientAddress: clientAddress({ trustedProxies: ['127.0.0.1'] }) }),
    plugins: [
      ...(settings.limits
        ? [rateLimit({ ...LIMIT, apis: LIMIT, limiter: memoryRateLimiter({ maxKeys: MAX_ADDRESSES }) })]
        : []),
      backchannelLogout(),
      sessionEndpoints(),
    ],
    onEvent: (event) => tell({ event: event.type, text: inspect(event, { depth: 8 }) }),
  })
}

/** `POST /rotate`: what an app does after a change of privilege. */
async function rotate(bff: Bff, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const session = await bff.requireSession(new NodeRequestView(request, response))
    const issued = await bff.sessions.rotate(session)
    if (issued === null) response.writeHead(401).end('{"error":"invalid_session"}')
    else response.writeHead(200, { 'set-cookie': issued.cookie }).end('{}')
  } catch (error) {
    await deliverReply(bff, bff.errorReply(error), response)
  }
}

function start(settings: ProcessSettings): void {
  skewMs = settings.skewMs
  const bff = createApp(settings)
  const server = createServer(
    nodeListener(bff, (request, response) => {
      if (request.method === 'POST' && request.url === '/rotate') void rotate(bff, request, response)
      else response.writeHead(404).end()
    }),
  )
  // Clients keep connections: one closed for idleness in the very moment of a request is nobody's fault.
  server.keepAliveTimeout = 60_000
  server.listen(settings.port, '127.0.0.1', () => tell({ ready: true }))
  process.once('SIGTERM', () => {
    // A connection in use would stay open, and its requests be cut when the harness kills a process that does not end.
    server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'))
    server.close(() => void bff.close().finally(() => process.exit(0)))
    server.closeIdleConnections()
  })
}

process.on('message', (order: Order) => {
  if ('start' in order) start(order.start)
  else if ('stepClockMs' in order) skewMs += order.stepClockMs
  else {
    const descriptors = readdirSync('/proc/self/fd').length
    tell({ usage: { residentBytes: process.memoryUsage.rss(), descriptors } })
  }
})
watchStalls((stalledMs) => tell({ stalledMs }))
process.once('disconnect', () => process.exit())
