import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'

/**
 * A function that wraps a request: it answers itself, or changes the reply of `next`. `limitRequests()` of
 * `@bff/core/rate-limit` makes one too.
 */
export type Middleware = (request: RequestView, next: () => Promise<Reply>) => Promise<Reply>

/** Answers a request. */
export type Handler = (request: RequestView) => Promise<Reply>

/**
 * Wraps a handler in middleware; the first wraps all others.
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
export function stack(middleware: readonly Middleware[], handler: Handler): Handler {
  return (request) =>
    middleware.reduceRight<() => Promise<Reply>>(
      (next, wrap) => () => wrap(request, next),
      () => handler(request),
    )()
}
