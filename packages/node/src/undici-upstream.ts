import type { Readable } from 'node:stream'
import { BffError } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '@bff/core/proxy'
import { Agent, type Dispatcher } from 'undici'
import { apiConnections } from './api-connection.ts'
import { failure, responseOf } from './upstream-response.ts'
import { webSocketUpstream } from './web-socket-upstream.ts'

/** Options of {@link undiciUpstream}. */
export interface UndiciUpstreamOptions {
  /** Connections to one API at the most, WebSockets apart; further requests wait. @default no limit */
  readonly connections?: number
  /** Milliseconds for connecting, TLS included. @default 10_000 */
  readonly connectTimeoutMs?: number
  /** Milliseconds an idle connection is kept when the API does not say. @default 4_000 */
  readonly keepAliveTimeoutMs?: number
  /** PEM certificates to trust instead of the system's: for an API behind a private CA. */
  readonly ca?: string | readonly string[]
  /** PEM client certificate for mutual TLS; needs `key`. */
  readonly cert?: string
  /** PEM key of `cert`. */
  readonly key?: string
}

const OPTIONS = ['connections', 'connectTimeoutMs', 'keepAliveTimeoutMs', 'ca', 'cert', 'key']

/**
 * The proxy's transport over undici: pooled keep-alive connections, the path byte for byte as given, no redirect
 * followed, nothing decoded, TLS always verified (PRX-12, PRX-13). Every WebSocket has a connection of its own.
 *
 * `close` aborts what is still running.
 *
 * @throws BffError `invalid_config` for an unknown option, a number that cannot be, or `cert` without `key`
 * @example
 * ```ts
 * import { undiciUpstream } from '@bff/node'
 *
 * export const upstream = undiciUpstream({ connectTimeoutMs: 2_000 })
 * ```
 */
export function undiciUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  refuseUnknown('undiciUpstream', options, OPTIONS)
  const { connections, connectTimeoutMs = 10_000, keepAliveTimeoutMs = 4_000, ca, cert, key } = options
  for (const [name, value] of Object.entries({ connections, connectTimeoutMs, keepAliveTimeoutMs }))
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new BffError('invalid_config', `undiciUpstream: ${name} must be a whole number above zero.`)
  if ((cert === undefined) !== (key === undefined))
    throw new BffError('invalid_config', 'undiciUpstream: cert and key go together.')
  const tls = {
    // Said aloud so that NODE_TLS_REJECT_UNAUTHORIZED=0 in an environment does not turn it off.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  const apis = apiConnections({ timeout: connectTimeoutMs, ...tls })
  const { connect } = apis
  const agent = new Agent({ connections: connections ?? null, keepAliveTimeout: keepAliveTimeoutMs, connect })
  // A new connection for each request.
  const fresh = new Agent({ pipelining: 0, connect })
  const webSockets = webSocketUpstream(connectTimeoutMs, tls)

  async function send(request: UpstreamRequest): Promise<UpstreamResponse> {
    const { signal } = request
    if (signal.aborted) throw signal.reason
    try {
      return await sendOver(agent, request).catch((error: unknown) => {
        if (signal.aborted || !isRepeatable(request) || !apis.wasIdle(error)) throw error
        return sendOver(fresh, request)
      })
    } catch (error) {
      throw failure(error, signal)
    }
  }

  return {
    send,
    upgrade: webSockets.open,
    async close() {
      webSockets.close()
      await Promise.all([agent.destroy(), fresh.destroy()])
    },
  }
}

/** RFC 9110 §9.2.2 */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

const isRepeatable = ({ method, body }: UpstreamRequest) =>
  IDEMPOTENT.has(method) && (body === null || body instanceof Uint8Array)

async function sendOver(agent: Agent, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal, headersTimeoutMs } = request
  let timer: NodeJS.Timeout | undefined
  let answered = false
  // undici looks at the signal only once a connection is there; nobody should wait for that.
  const givenUp = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (headersTimeoutMs > 0)
      timer = setTimeout(() => reject(new BffError('upstream_timeout')), headersTimeoutMs)
  })
  const forApi = () => void (answered || timer?.refresh())
  const answer = agent.request(dispatchOf(request, () => clearTimeout(timer), forApi))
  try {
    const { statusCode, headers, body } = await Promise.race([answer, givenUp])
    return responseOf(request, statusCode, headers, body)
  } catch (error) {
    answer.then(({ body }) => body.on('error', ignore).destroy(), ignore)
    throw error
  } finally {
    answered = true
    clearTimeout(timer)
  }
}

const ignore = () => {}

/** @param forClient called when the client is waited for, `forApi` when the API is */
function dispatchOf(
  request: UpstreamRequest,
  forClient: () => void,
  forApi: () => void,
): Dispatcher.RequestOptions {
  const { url, method, body, signal, headersTimeoutMs } = request
  // No URL parser: it would resolve and re-encode the path.
  const path = url.indexOf('/', url.indexOf('://') + 3)
  return {
    origin: path < 0 ? url : url.slice(0, path),
    path: path < 0 ? '/' : url.slice(path),
    method: method as Dispatcher.HttpMethod,
    headers: outgoingHeaders(request),
    body: body === null || body instanceof Uint8Array ? body : sendable(body, forClient, forApi),
    signal,
    // Leaves out connecting and is up to seconds late, but closes the connection of whoever was given up.
    headersTimeout: headersTimeoutMs,
    bodyTimeout: 0,
    responseHeaders: 'raw',
  }
}

/** Headers of the connection, which are undici's to write. */
const TRANSPORT_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Lower-cases every name once, so that no header hides beside its own twin (CVE-2026-1525). */
function outgoingHeaders({ headers, body }: UpstreamRequest): string[] {
  const flat: string[] = []
  const lengths: string[] = []
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'content-length') lengths.push(value)
    else if (!TRANSPORT_HEADERS.has(lower)) flat.push(lower, value)
  }
  // A stream keeps the length its sender named, and undici holds it to that; a doubtful one goes chunked.
  const [length] = lengths
  if (length !== undefined && lengths.length === 1 && body !== null && !(body instanceof Uint8Array)) {
    flat.push('content-length', length)
  }
  return flat
}

/** Hides that a body is a stream: undici destroys streams on failure, and with a request its connection. */
function sendable(body: AsyncIterable<Uint8Array>, forClient: () => void, forApi: () => void): Readable {
  const iterable: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      forClient()
      for await (const chunk of body) {
        forApi()
        yield chunk
        forClient()
      }
      forApi()
    },
  }
  // undici sends any async iterable; its types name only this one.
  return iterable as Readable
}
