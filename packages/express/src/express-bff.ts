import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Bff, BffError, type GuardOptions, isBffError, type RequestView, type Session } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { deliverReply, NodeRequestView } from '@bff/node'

/** Express middleware, with the types that Express 4 and 5 share, so that no type package is needed. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** Express error-handling middleware. */
export type ErrorMiddleware = (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** The parts of a BFF for an Express app. Each part can be destructured and used alone. */
export interface ExpressBff<Metadata = Readonly<Record<string, unknown>>> {
  /** Serves the BFF's endpoints and proxied APIs. Register it before all body parsers, routes and guards. */
  readonly handler: Middleware
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
  /** Answers a `BffError` of a route as the BFF does. Register it after the routes. */
  readonly errorHandler: ErrorMiddleware
  /**
   * Returns the session of a request that has passed `requireSession()` or `optionalSession()`; `null` when it is not signed
   * in.
   *
   * @throws BffError `invalid_argument` when the request has passed neither
   */
  getSession(req: IncomingMessage): Session<Metadata> | null
  /**
   * Returns the session of a request that has passed `requireSession()`.
   *
   * @throws BffError `invalid_argument` on a route without that guard: this call does not protect a route
   */
  sessionOf(req: IncomingMessage): Session<Metadata>
}

const unguarded = (guard: string) =>
  new BffError(
    'invalid_argument',
    `A session was read on a route without ${guard}. Add that guard to the route.`,
  )

/**
 * Makes the parts of an Express app from a BFF.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { expressBff } from '@bff/express'
 * import express from 'express'
 *
 * export function serve(bff: Bff) {
 *   const { handler, requireSession, sessionOf } = expressBff(bff)
 *   const app = express()
 *   app.use(handler)
 *   app.get('/profile', requireSession(), (req, res) => void res.json({ user: sessionOf(req).userId }))
 *   return app.listen(3000)
 * }
 * ```
 */
export function expressBff<Metadata>(bff: Bff<Metadata>): ExpressBff<Metadata> {
  // Stored on the request itself, and separate for each BFF: one app may have several.
  const VIEW: unique symbol = Symbol('view')
  const SESSION: unique symbol = Symbol('session')
  interface Guarded extends IncomingMessage {
    [VIEW]?: RequestView
    [SESSION]?: Session<Metadata> | null
  }

  function viewOf(req: Guarded, res: ServerResponse): RequestView {
    req[VIEW] ??= new NodeRequestView(req, res)
    return req[VIEW]
  }

  function guard(find: (view: RequestView) => Promise<Session<Metadata> | null>): Middleware {
    return (req: Guarded, res, next) => {
      const pass = (session: Session<Metadata> | null) => {
        req[SESSION] = session
        next()
      }
      find(viewOf(req, res)).then(pass, (error: unknown) => deliverReply(bff, bff.errorReply(error), res))
    }
  }

  function getSession(req: Guarded): Session<Metadata> | null {
    if (req[SESSION] === undefined) throw unguarded('requireSession() or optionalSession()')
    return req[SESSION]
  }

  return {
    handler(req, res, next) {
      const reply = bff.handle(viewOf(req, res))
      if (reply === undefined) next()
      else void deliverReply(bff, reply, res)
    },
    requireSession(options = {}) {
      refuseUnknown('requireSession()', options, ['csrf'])
      return guard((view) => bff.requireSession(view, options))
    },
    optionalSession(options = {}) {
      refuseUnknown('optionalSession()', options, ['csrf'])
      return guard((view) => bff.getSession(view, options))
    },
    errorHandler(error, _req, res, next) {
      if (isBffError(error) && !res.headersSent) void deliverReply(bff, bff.errorReply(error), res)
      else next(error)
    },
    getSession,
    sessionOf(req) {
      const session = getSession(req)
      if (session === null) throw unguarded('requireSession()')
      return session
    },
  }
}
