import type { Readable } from 'node:stream'
import { BffError, isBffError } from '@bff/core'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '@bff/core/proxy'
import { Agent, type Dispatcher } from 'undici'

/** Options of {@link undiciUpstream}. */
export interface UndiciUpstreamOptions {
  /** Connections to one API at the most; further requests wait. @default no limit */
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

/**
 * The proxy's transport over undici: pooled keep-alive connections, the path byte for byte as given, no redirect
 * followed, nothing decoded, TLS always verified (PRX-12, PRX-13).
 *
 * `close` aborts what is still running.
 *
 * @example
 * ```ts
 * import { undiciUpstream } from '@bff/node'
 *
 * export const upstream = undiciUpstream({ connectTimeoutMs: 2_000 })
 * ```
 */
export function undiciUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  const { connections, connectTimeoutMs = 10_000, keepAliveTimeoutMs = 4_000, ca, cert, key } = options
  const agent = new Agent({
    connections: connections ?? null,
    keepAliveTimeout: keepAliveTimeoutMs,
    connect: {
      timeout: connectTimeoutMs,
      // Said aloud so that NODE_TLS_REJECT_UNAUTHORIZED=0 in an environment does not turn it off.
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
  })
  return {
    send: (request) => send(agent, request),
    close: () => agent.destroy(),
  }
}

async function send(agent: Agent, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { method, signal, headersTimeoutMs } = request
  if (signal.aborted) throw signal.reason
  let timer: NodeJS.Timeout | undefined
  // undici looks at the signal only once a connection is there; nobody should wait for that.
  const givenUp = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    const late = () => reject(new BffError('upstream_timeout'))
    if (headersTimeoutMs > 0) timer = setTimeout(late, headersTimeoutMs)
  })
  const answer = agent.request(dispatchOf(request, () => timer?.refresh()))
  try {
    const { statusCode: status, headers: raw, body } = await Promise.race([answer, givenUp])
    const headers = pairsOf(raw)
    return { status, headers, body: isEmpty(method, status, headers) ? drain(body) : readable(body, signal) }
  } catch (error) {
    answer.then(({ body }) => body.on('error', ignore).destroy(), ignore)
    throw failure(error, signal)
  } finally {
    clearTimeout(timer)
    timer = undefined
  }
}

const ignore = () => {}

function dispatchOf(request: UpstreamRequest, onProgress: () => void): Dispatcher.RequestOptions {
  const { url, method, body, signal, headersTimeoutMs } = request
  // No URL parser: it would resolve and re-encode the path.
  const path = url.indexOf('/', url.indexOf('://') + 3)
  return {
    origin: path < 0 ? url : url.slice(0, path),
    path: path < 0 ? '/' : url.slice(path),
    method: method as Dispatcher.HttpMethod,
    headers: outgoingHeaders(request),
    body: body === null || body instanceof Uint8Array ? body : sendable(body, onProgress),
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
function sendable(body: AsyncIterable<Uint8Array>, onProgress: () => void): Readable {
  const iterable: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of body) {
        onProgress()
        yield chunk
      }
    },
  }
  // undici sends any async iterable; its types name only this one.
  return iterable as Readable
}

type Headers = UpstreamResponse['headers']

/** undici's raw headers are typed as a record, but come as names and values in turn. */
function pairsOf(raw: unknown): Headers {
  const pairs: Array<readonly [string, string]> = []
  if (!Array.isArray(raw)) return pairs
  for (let at = 0; at + 1 < raw.length; at += 2)
    pairs.push([String(raw[at]).toLowerCase(), String(raw[at + 1])])
  return pairs
}

function isEmpty(method: string, status: number, headers: Headers): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true
  return headers.some(([name, value]) => name === 'content-length' && Number(value) === 0)
}

function drain(body: Readable): null {
  body.on('error', ignore).resume()
  return null
}

function readable(body: Readable, signal: AbortSignal): AsyncIterable<Uint8Array> {
  // Whoever reads it sees the failure; unread, it must not end the process.
  body.on('error', ignore)
  return {
    [Symbol.asyncIterator]() {
      const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            return await chunks.next()
          } catch (error) {
            throw failure(error, signal)
          }
        },
        // Returning from the stream's own iterator does nothing before the first chunk, and waits for the next.
        async return() {
          body.destroy()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'])

function failure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (isBffError(error)) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new BffError(TIMEOUTS.has(code) ? 'upstream_timeout' : 'upstream_unavailable', undefined, {
    cause: error,
  })
}
