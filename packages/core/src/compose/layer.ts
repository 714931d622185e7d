import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'

/**
 * Stands in front of what answers a request: it may answer itself, or change what `next` answers. `limitRequests()` of
 * `@bff/core/rate-limit` makes one too.
 */
export type Layer = (request: RequestView, next: () => Promise<Reply>) => Promise<Reply>

/** Answers a request. */
export type Handler = (request: RequestView) => Promise<Reply>

/**
 * Puts layers in front of a handler, the first outermost.
 *
 * @example
 * ```ts
 * import { type Handler, originCheck, stack } from '@bff/core/compose'
 * import { limitRequests } from '@bff/core/rate-limit'
 *
 * export const guarded = (handler: Handler): Handler =>
 *   stack([limitRequests(), originCheck({ allowedOrigins: ['https://app.example.com'] })], handler)
 * ```
 */
export function stack(layers: readonly Layer[], handler: Handler): Handler {
  return (request) =>
    layers.reduceRight<() => Promise<Reply>>(
      (next, layer) => () => layer(request, next),
      () => handler(request),
    )()
}
