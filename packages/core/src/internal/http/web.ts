import type { Reply } from '../../contracts/reply.ts'
import type { RequestView } from '../../contracts/request-view.ts'
import { BffError, isBffError } from '../bff-error.ts'

/** Wraps a Web-standard `Request`, as Next.js, Hono, Bun, Deno and Workers provide it. */
export function webRequestView(request: Request, remoteAddress?: string): RequestView {
  const { method, url } = request
  return {
    method,
    // Already serialised (`https://host/…`): parsing it again would cost as much as everything else here.
    target: url.slice(url.indexOf('/', 8)).replace(/#.*/, ''),
    remoteAddress,
    header: (name) => request.headers.get(name) ?? undefined,
    headers: () => request.headers,
    body: () => {
      if (request.bodyUsed) throw new BffError('body_consumed')
      return request.body ?? undefined
    },
    get signal() {
      return request.signal
    },
  }
}

/** Makes a Web-standard `Response` from a reply. Its body fails when the reply's signal aborts with a `BffError`. */
export function webResponse({ status, headers, body, signal }: Reply): Response {
  const isStream = body !== null && typeof body === 'object' && Symbol.asyncIterator in body
  return new Response((isStream ? streamOf(body, signal) : body) as BodyInit | null, {
    status,
    headers: headers as [string, string][],
  })
}

/** Makes a Web-standard stream from a body. It fails when `signal` aborts with a `BffError`, even if nothing reads it. */
export function streamOf(body: AsyncIterable<Uint8Array>, signal?: AbortSignal): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  return new ReadableStream({
    start(controller) {
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
