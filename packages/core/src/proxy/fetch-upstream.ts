import type { Upstream, UpstreamRequest, UpstreamResponse } from '../contracts/upstream.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { streamOf } from '../internal/http/web.ts'

/** What `fetch` decodes by itself, for any request; Deno's decodes only what it asked for itself. */
const DECODED = /^(?:(?:x-)?(?:gzip|deflate)|br)$/
/** Such as `UND_ERR_CONNECT_TIMEOUT` and `ETIMEDOUT`. */
const TIMED_OUT = /TIMEOUT|TIMEDOUT/

/** What Node's `fetch` fails with when the API has just closed an idle connection. */
const CLOSED = /^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)$/
/** RFC 9110 §9.2.2 */
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/

/**
 * The proxy's default transport: the runtime's own `fetch`.
 *
 * It follows no redirect, caches nothing and asks for uncompressed responses, because `fetch` would decompress them. It
 * sends an idempotent request once more when the connection was closed. On Node, `fetch` itself ends a body that pauses for
 * five minutes, fails on an unexpected `100 Continue`, and may lose a response that arrives before the whole request is
 * sent; `undiciUpstream()` of `@bff/node` does not.
 */
export function fetchUpstream(): Upstream {
  return { send, close: async () => {} }
}

async function send(request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal } = request
  const controller = new AbortController()
  const relay = () => controller.abort(signal.reason)
  if (signal.aborted) relay()
  else signal.addEventListener('abort', relay, { once: true })
  try {
    return await sendOnce(request, controller).catch((error: unknown) => {
      if (controller.signal.aborted || !isRepeatable(request, error)) throw error
      return sendOnce(request, controller)
    })
  } catch (error) {
    signal.removeEventListener('abort', relay)
    if (controller.signal.aborted) throw controller.signal.reason
    throw isBffError(error) ? error : new BffError(codeOf(error), undefined, { cause: error })
  }
}

function isRepeatable({ method, body }: UpstreamRequest, error: unknown): boolean {
  const replayable = body === null || body instanceof Uint8Array
  return replayable && IDEMPOTENT.test(method) && CLOSED.test(causeCode(error))
}

async function sendOnce(request: UpstreamRequest, controller: AbortController): Promise<UpstreamResponse> {
  const { headersTimeoutMs: ms, body } = request
  const late = () => controller.abort(new BffError('upstream_timeout'))
  let timer: ReturnType<typeof setTimeout> | undefined
  let answered = false
  const stop = () => clearTimeout(timer)
  const start = () => {
    stop()
    if (ms > 0 && !answered) timer = setTimeout(late, ms)
  }
  start()
  const sent = body === null || body instanceof Uint8Array ? body : timed(body, stop, start)
  try {
    const { signal } = controller
    const response = responseOf(await fetch(request.url, initOf({ ...request, body: sent }, signal)))
    if (response.body === null || !('Deno' in globalThis)) return response
    return { ...response, body: cancelledBy(signal, response.body) }
  } finally {
    answered = true
    stop()
  }
}

/** Makes a body that knows whether the transport waits for the client or for the API. */
function timed(
  body: AsyncIterable<Uint8Array>,
  forClient: () => void,
  forApi: () => void,
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        forClient()
        const result = await chunks.next()
        forApi()
        return result
      },
      return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
    }),
  }
}

function initOf(
  { method, headers, body }: UpstreamRequest,
  signal: AbortSignal,
): RequestInit & { duplex?: 'half' } {
  const sent = headers.filter(([name]) => name !== 'accept-encoding')
  return {
    method,
    headers: [
      ...sent.map(([name, value]): [string, string] => [name, value]),
      ['accept-encoding', 'identity'],
    ],
    redirect: 'manual',
    cache: 'no-store',
    signal,
    ...(body !== null && {
      body: body instanceof Uint8Array ? (body as BodyInit) : streamOf(body),
      duplex: 'half',
    }),
  }
}

function responseOf(response: Response) {
  const { status, body } = response
  const headers = [...response.headers]
  const codings = (response.headers.get('content-encoding') ?? '').toLowerCase().split(/\s*,\s*/)
  if (body === null || codings[0] === '') return { status, headers, body }
  if (codings.includes('zstd')) {
    body.cancel().catch(() => {})
    // Some versions decode it and leave the header: what the bytes are cannot be known.
    throw new BffError('upstream_unavailable', 'The API sent zstd, but the request did not accept it.')
  }
  const decoded = !('Deno' in globalThis) && codings.every((coding) => DECODED.test(coding))
  const stale = (name: string) => decoded && /^content-(?:encoding|length)$/.test(name)
  return { status, headers: headers.filter(([name]) => !stale(name)), body }
}

/**
 * Once Deno's `fetch` has answered, a garbage collection loses its signal: an abort would leave the response open at the API. So the
 * abort cancels the body itself.
 */
function cancelledBy(signal: AbortSignal, body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = body.getReader()
  const cancel = () => reader.cancel(signal.reason).catch(() => {})
  if (signal.aborted) void cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const { done, value } = await reader.read()
        // A body that was cancelled reads as one that ended.
        if (signal.aborted) throw signal.reason
        return done ? { done, value: undefined } : { done, value }
      },
      async return() {
        await cancel()
        return { done: true, value: undefined }
      },
    }),
  }
}

const codeOf = (error: unknown) =>
  TIMED_OUT.test(causeCode(error)) ? 'upstream_timeout' : 'upstream_unavailable'

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
