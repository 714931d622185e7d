import type { RequestListener } from 'node:http'
import { BffError, type ServedBff } from '@bff/core'
import { NodeRequestView } from './request-view.ts'
import { startReply } from './write-reply.ts'

/**
 * Makes the listener of a `node:http` server: it answers the BFF's own paths, and calls `fallback` for all others.
 *
 * Without a `fallback`, other paths answer 404 `not_found`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { Bff } from '@bff/core'
 * import { nodeListener } from '@bff/node'
 *
 * export function serve(bff: Bff) {
 *   return createServer(nodeListener(bff, (_req, res) => res.end('the app'))).listen(3000)
 * }
 * ```
 */
export function nodeListener(
  bff: Pick<ServedBff, 'handle' | 'errorReply'>,
  fallback?: RequestListener,
): RequestListener {
  return (req, res) => {
    const reply = bff.handle(new NodeRequestView(req, res))
    if (reply !== undefined) startReply(bff, reply, res)
    else if (fallback !== undefined) fallback(req, res)
    else startReply(bff, bff.errorReply(new BffError('not_found')), res)
  }
}
