import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  BffError,
  type GuardOptions,
  type Reply,
  type RequestView,
  type ServedBff,
  type Session,
} from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { NodeRequestView } from './request-view.ts'

/**
 * Guards of a framework whose handlers read the session at once: middleware finds it, and `Request` is what the framework
 * passes to its handlers.
 */
export interface SessionGuards<Metadata, Middleware, Request> {
  /**
   * Makes middleware that passes only signed-in requests with the CSRF header on, and answers all others as the BFF does:
   * 401, 403, or 503 when the store does not answer.
   *
   * @throws BffError `invalid_config` for an unknown option
   */
  requireSession(options?: GuardOptions): Middleware
  /**
   * Makes middleware that passes every request on, with its session if it has one; it answers 503 when the store does not
   * answer. Without `csrf` it makes no CSRF check: do not use it for requests that change something.
   *
   * @throws BffError `invalid_config` for an unknown option
   */
  optionalSession(options?: GuardOptions): Middleware
  /**
   * Returns the session of a request that has passed `requireSession()` or `optionalSession()`; `null` when it is not signed
   * in.
   *
   * @throws BffError `invalid_argument` when the request has passed neither
   */
  getSession(request: Request): Session<Metadata> | null
  /**
   * Returns the session of a request that has passed `requireSession()`.
   *
   * @throws BffError `invalid_argument` on a route without that guard: this call does not protect a route
   */
  sessionOf(request: Request): Session<Metadata>
}

/** Finds the session of a request and keeps it there. Rejects with the error that the BFF has a reply to. */
export type FindSession = (view: RequestView, request: IncomingMessage) => Promise<void>

/** What an adapter makes its guards of. */
export interface GuardedRequests<Metadata> extends SessionGuards<Metadata, FindSession, IncomingMessage> {
  /**
   * Answers a request to a path of the BFF, as `bff.handle` does. Returns `undefined` when the path belongs to the app.
   *
   * @param target as that of `viewOf`
   */
  handle(request: IncomingMessage, response: ServerResponse, target?: string): Promise<Reply> | undefined
  /**
   * Returns the view of a request, the same one at each call.
   *
   * @param target the target as sent, where the framework keeps it elsewhere than in `originalUrl` or `url` of the request
   */
  viewOf(request: IncomingMessage, response: ServerResponse, target?: string): RequestView
}

const unguarded = (guard: string) =>
  new BffError(
    'invalid_argument',
    `A session was read on a route without ${guard}. Add that guard to the route.`,
  )

/**
 * Finds the sessions of an app's own requests, and keeps each at its request, for adapters of frameworks on `node:http`.
 *
 * @example
 * ```ts
 * import type { IncomingMessage, ServerResponse } from 'node:http'
 * import type { Bff } from '@bff/core'
 * import { deliverReply, guardedRequests } from '@bff/node'
 *
 * export function myGuard(bff: Bff) {
 *   const { viewOf, requireSession, sessionOf } = guardedRequests(bff)
 *   const find = requireSession()
 *   const guard = (req: IncomingMessage, res: ServerResponse, next: () => void) =>
 *     find(viewOf(req, res), req).then(next, (error) => deliverReply(bff, bff.errorReply(error), res))
 *   return { guard, sessionOf }
 * }
 * ```
 */
export function guardedRequests<Metadata>(bff: ServedBff<Metadata>): GuardedRequests<Metadata> {
  // Stored on the request itself, and separate for each BFF: one app may have several.
  const SEEN: unique symbol = Symbol('seen')
  interface Guarded extends IncomingMessage {
    [SEEN]?: { readonly view: RequestView; session?: Session<Metadata> | null }
  }

  function getSession(request: Guarded): Session<Metadata> | null {
    const session = request[SEEN]?.session
    if (session === undefined) throw unguarded('requireSession() or optionalSession()')
    return session
  }

  function finder(find: (view: RequestView) => Promise<Session<Metadata> | null>): FindSession {
    return async (view, request: Guarded) => {
      request[SEEN] ??= { view }
      request[SEEN].session = await find(view)
    }
  }

  return {
    handle(request: Guarded, response, target) {
      // Keeps no view: after Express has changed the prototype of a request, each new property of it costs a hidden class.
      return bff.handle(request[SEEN]?.view ?? new NodeRequestView(request, response, target))
    },
    viewOf(request: Guarded, response, target) {
      request[SEEN] ??= { view: new NodeRequestView(request, response, target) }
      return request[SEEN].view
    },
    requireSession(options = {}) {
      refuseUnknown('requireSession()', options, ['csrf'])
      return finder((view) => bff.requireSession(view, options))
    },
    optionalSession(options = {}) {
      refuseUnknown('optionalSession()', options, ['csrf'])
      return finder((view) => bff.getSession(view, options))
    },
    getSession,
    sessionOf(request) {
      const session = getSession(request)
      if (session === null) throw unguarded('requireSession()')
      return session
    },
  }
}
