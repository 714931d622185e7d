import type { Reply } from '../../contracts/reply.ts'
import type { RequestView } from '../../contracts/request-view.ts'
import { BffError, isBffError } from '../bff-error.ts'

/** Wraps a Web-standard `Request`, as Next.js, Hono, Bun, Deno and Workers provide it. */
export function webRequestView(request: Request, remoteAddress?: string): RequestView {
  return new WebRequestView(request, remoteAddress)
}

/** A class, because every object literal with a getter would be of a kind of its own: ten times the price to make one. */
class WebRequestView implements RequestView {
  readonly method: string
  readonly target: string
  readonly remoteAddress: string | undefined
  readonly #request: Request

  constructor(request: Request, remoteAddress: string | undefined) {
    const { method, url } = request
    this.method = method
    // Already serialised (`https://host/…`): parsing it again would cost as much as everything else here.
    const fragment = url.indexOf('#')
    this.target = url.slice(url.indexOf('/', 8), fragment === -1 ? undefined : fragment)
    this.remoteAddress = remoteAddress
    this.#request = request
  }

  get host(): string | undefined {
    const { headers, url } = this.#request
    return headers.has('host') ? undefined : url.slice(url.indexOf('/') + 2, url.indexOf('/', 8))
  }

  get signal(): AbortSignal {
    return this.#request.signal
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined
  }

  headers(): Headers {
    return this.#request.headers
  }

  body(): AsyncIterable<Uint8Array> | undefined {
    if (this.#request.bodyUsed) throw new BffError('body_consumed')
    return this.#request.body ?? undefined
  }
}

/** Makes a Web-standard `Response` from a reply. Its body fails when the reply's signal aborts with a `BffError`. */
export function webResponse({ status, headers, body, signal }: Reply): Response {
  const isStream = body !== null && typeof body === 'object' && Symbol.asyncIterator in body
  return new Response((isStream ? streamOf(body, signal, HEAD_FIRST) : body) as BodyInit | null, {
    status,
    headers: headers as [string, string][],
  })
}

/** Next.js and SvelteKit send no head before the first chunk of a body: an event stream may have none for a long time. */
const HEAD_FIRST = new Uint8Array()

/**
 * Makes a Web-standard stream from a body, with a chunk in front of it. It fails when `signal` aborts with a `BffError`, even if
 * nothing reads it.
 */
export function streamOf(
  body: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
  first?: Uint8Array,
): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  return new ReadableStream({
    start(controller) {
      if (first !== undefined) controller.enqueue(first)
      const cut = () => {
        if (!isBffError(signal?.reason)) return
        controller.error(signal.reason)
        iterator.return?.().catch(() => {})
      }
      if (signal?.aborted) cut()
      signal?.addEventListener('abort', cut, { once: true })
    },
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
