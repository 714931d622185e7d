import type { Readable } from 'node:stream'
import { BffError } from '@bff/core'
import { type OptionRule, option, readOptions } from '@bff/core/authoring'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '@bff/core/proxy'
import { Agent, type Dispatcher } from 'undici'
import { apiConnections } from './api-connection.ts'
import { UndiciResponse } from './undici-response.ts'
import { failureOf } from './upstream-response.ts'
import { webSocketUpstream } from './web-socket-upstream.ts'

/** Options of {@link undiciUpstream}. */
export interface UndiciUpstreamOptions {
  /** The most connections to one API, without WebSockets; more requests wait. @default no limit */
  readonly connections?: number
  /** Milliseconds to connect, including TLS. @default 10_000 */
  readonly connectTimeoutMs?: number
  /** How long an idle connection is kept when the API does not say, in milliseconds. @default 4_000 */
  readonly keepAliveTimeoutMs?: number
  /** PEM certificates to trust instead of the system's, for an API with a private CA. */
  readonly ca?: string | readonly string[]
  /** PEM client certificate for mutual TLS; needs `key`. */
  readonly cert?: string
  /** PEM key of `cert`. */
  readonly key?: string
}

/** `null`: undici sets no limit. */
const connections: OptionRule<number | null> = (value, invalid) =>
  value === undefined ? null : option.wholeNumber(1, 1)(value, invalid)

const OPTIONS = {
  connections,
  connectTimeoutMs: option.wholeNumber(10_000, 1),
  keepAliveTimeoutMs: option.wholeNumber(4_000, 1),
  ca: option.given<UndiciUpstreamOptions['ca']>(),
  cert: option.given<string>(),
  key: option.given<string>(),
}

/**
 * Makes the proxy's transport with undici: pooled keep-alive connections, paths sent unchanged, no redirects, no decoding,
 * and TLS always verified (PRX-12, PRX-13). Every WebSocket has its own connection.
 *
 * `close` aborts the requests under way.
 *
 * @throws BffError `invalid_config` for an unknown option, a number that is not valid, or `cert` without `key`
 * @example
 * ```ts
 * import { undiciUpstream } from '@bff/node'
 *
 * export const upstream = undiciUpstream({ connectTimeoutMs: 2_000 })
 * ```
 */
export function undiciUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  const { connections, connectTimeoutMs, keepAliveTimeoutMs, ca, cert, key } = readOptions(
    'undiciUpstream',
    options,
    OPTIONS,
  )
  if ((cert === undefined) !== (key === undefined))
    throw new BffError('invalid_config', 'undiciUpstream: cert needs key, and key needs cert. Set both.')
  const tls = {
    // Said aloud so that NODE_TLS_REJECT_UNAUTHORIZED=0 in an environment does not turn it off.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  const apis = apiConnections({ timeout: connectTimeoutMs, ...tls })
  const { connect } = apis
  const agent = new Agent({ connections, keepAliveTimeout: keepAliveTimeoutMs, connect })
  // A new connection for each request.
  const fresh = new Agent({ pipelining: 0, connect })
  const webSockets = webSocketUpstream(connectTimeoutMs, tls)

  async function send(request: UpstreamRequest): Promise<UpstreamResponse> {
    const first = sendOver(agent, request)
    try {
      await first.head
      return first.answer()
    } catch (error) {
      if (first.isStopped) throw error
      if (!isRepeatable(request) || !apis.wasIdle(error)) throw failureOf(error)
    }
    const second = sendOver(fresh, request)
    try {
      await second.head
      return second.answer()
    } catch (error) {
      throw second.isStopped ? error : failureOf(error)
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

function sendOver(agent: Agent, request: UpstreamRequest): UndiciResponse {
  const response = new UndiciResponse(request)
  if (request.onAbort !== undefined) request.onAbort((reason) => response.stop(reason))
  else stopOn(request.signal, response)
  if (!response.isStopped) agent.dispatch(dispatchOf(request, response), response)
  return response
}

function stopOn(signal: AbortSignal, response: UndiciResponse): void {
  if (signal.aborted) response.stop(signal.reason)
  else signal.addEventListener('abort', () => response.stop(signal.reason), { once: true })
}

function dispatchOf(request: UpstreamRequest, response: UndiciResponse): Dispatcher.DispatchOptions {
  const { url, method, body, headersTimeoutMs } = request
  // No URL parser: it would resolve and re-encode the path.
  const path = url.indexOf('/', url.indexOf('://') + 3)
  return {
    origin: path < 0 ? url : url.slice(0, path),
    path: path < 0 ? '/' : url.slice(path),
    method: method as Dispatcher.HttpMethod,
    headers: outgoingHeaders(request),
    body: body === null || body instanceof Uint8Array ? body : sendable(body, response),
    // Does not include connecting and is up to seconds late, but closes the connection of a request that was given up.
    headersTimeout: headersTimeoutMs,
    bodyTimeout: 0,
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

/** Converts every name to lower case once, so that no header exists twice in different case (CVE-2026-1525). */
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
function sendable(body: AsyncIterable<Uint8Array>, response: UndiciResponse): Readable {
  const iterable: AsyncIterable<Uint8Array> = {
    // Not a generator: it would need three promises more for each chunk.
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]()
      return {
        async next() {
          response.waitForClient()
          const step = await chunks.next()
          response.waitForApi()
          return step
        },
        async return() {
          await chunks.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
  // undici sends any async iterable; its types name only this one.
  return iterable as Readable
}
