import { BffError, isBffError, streamOf } from '@bff/core'
import type { Upstream, UpstreamRequest, UpstreamResponse } from './upstream.ts'

/** What every runtime's `fetch` decodes by itself. */
const DECODED = /^(?:(?:x-)?(?:gzip|deflate)|br)$/
/** Such as `UND_ERR_CONNECT_TIMEOUT` and `ETIMEDOUT`. */
const TIMED_OUT = /TIMEOUT|TIMEDOUT/

/**
 * The proxy's default transport: the runtime's own `fetch`.
 *
 * It follows no redirect, caches nothing and asks for uncompressed answers, because `fetch` would decompress them.
 * On Node, `fetch` itself ends a body that stands still for five minutes; `undiciUpstream()` of `@bff/node` does not.
 */
export function fetchUpstream(): Upstream {
  return { send, close: async () => {} }
}

async function send(request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal, headersTimeoutMs } = request
  const controller = new AbortController()
  const relay = () => controller.abort(signal.reason)
  if (signal.aborted) relay()
  else signal.addEventListener('abort', relay, { once: true })
  const late = () => controller.abort(new BffError('upstream_timeout'))
  const timer = headersTimeoutMs > 0 ? setTimeout(late, headersTimeoutMs) : undefined
  try {
    return responseOf(await fetch(request.url, initOf(request, controller.signal)))
  } catch (error) {
    signal.removeEventListener('abort', relay)
    if (controller.signal.aborted) throw controller.signal.reason
    throw isBffError(error) ? error : new BffError(codeOf(error), undefined, { cause: error })
  } finally {
    clearTimeout(timer)
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

function responseOf(response: Response): UpstreamResponse {
  const { status, body } = response
  const headers = [...response.headers]
  const codings = (response.headers.get('content-encoding') ?? '').toLowerCase().split(/\s*,\s*/)
  if (body === null || codings[0] === '') return { status, headers, body }
  if (codings.includes('zstd')) {
    body.cancel().catch(() => {})
    // Some versions decode it and leave the header: what the bytes are cannot be known.
    throw new BffError('upstream_unavailable', 'The API sent zstd, which was not asked for.')
  }
  const decoded = codings.every((coding) => DECODED.test(coding))
  const stale = (name: string) => decoded && /^content-(?:encoding|length)$/.test(name)
  return { status, headers: headers.filter(([name]) => !stale(name)), body }
}

function codeOf(error: unknown): 'upstream_timeout' | 'upstream_unavailable' {
  const cause = error instanceof Error ? error.cause : null
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return TIMED_OUT.test(code) ? 'upstream_timeout' : 'upstream_unavailable'
}
