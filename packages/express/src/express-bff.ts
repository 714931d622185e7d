import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Bff, BffError, type CsrfCheck, isBffError, type RequestView, type Session } from '@bff/core'
import { deliverReply, NodeRequestView } from '@bff/node'

/** Express middleware, typed by what it uses of Express 4 and 5: no type package has to match. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** Express error-handling middleware. */
export type ErrorMiddleware = (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** One BFF as the parts of an Express app; every part may be taken out and passed around alone. */
export interface ExpressBff<Metadata> {
  /** Serves the BFF's endpoints and proxied APIs. Goes in front of all body parsers, routes and guards. */
  readonly handler: Middleware
  /**
   * Lets only signed-in requests with the CSRF header pass, and answers all others as the BFF itself would: 401,
   * 403, or 503 when the store does not answer.
   */
  readonly requireSession: Middleware
  /**
   * {@link ExpressBff.requireSession} for requests scripts do not send: with `same-origin` GET and HEAD pass without the CSRF
   * header, with `form` every method, when the browser says they come from a page of the BFF's own or an allowed origin;
   * `false` checks nothing, for pages a browser navigates to.
   */
  requireSessionBy(csrf: CsrfCheck | false): Middleware
  /**
   * Lets everybody pass, and knows who is signed in; 503 when the store does not answer. Checks no CSRF
   * header, so change nothing on its word alone.
   */
  readonly optionalSession: Middleware
  /** Answers what routes throw as the BFF would, where it is a `BffError`. Goes behind the routes. */
  readonly errorHandler: ErrorMiddleware
  /**
   * The session of a request that passed `requireSession`.
   *
   * @throws BffError `invalid_argument` where that guard is missing: no route is protected by asking this
   */
  sessionOf(req: IncomingMessage): Session<Metadata>
  /**
   * The session of a request that passed a guard; `null` for nobody.
   *
   * @throws BffError `invalid_argument` where neither guard ran
   */
  sessionOrNull(req: IncomingMessage): Session<Metadata> | null
}

const unguarded = (guard: string) =>
  new BffError(
    'invalid_argument',
    `A session was asked for on a route without ${guard}. Add that guard to it.`,
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
 *   app.get('/profile', requireSession, (req, res) => void res.json({ user: sessionOf(req).userId }))
 *   return app.listen(3000)
 * }
 * ```
 */
export function expressBff<Metadata>(bff: Bff<Metadata>): ExpressBff<Metadata> {
  // Slots of the request itself, and of this BFF alone: one app may hold several.
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

  function sessionOrNull(req: Guarded): Session<Metadata> | null {
    if (req[SESSION] === undefined) throw unguarded('requireSession or optionalSession')
    return req[SESSION]
  }

  return {
    handler(req, res, next) {
      const reply = bff.handle(viewOf(req, res))
      if (reply === undefined) next()
      else void deliverReply(bff, reply, res)
    },
    requireSession: guard((view) => bff.requireSession(view)),
    requireSessionBy: (csrf) => guard((view) => bff.requireSession(view, { csrf })),
    optionalSession: guard((view) => bff.authenticate(view)),
    errorHandler(error, _req, res, next) {
      if (isBffError(error) && !res.headersSent) void deliverReply(bff, bff.errorReply(error), res)
      else next(error)
    },
    sessionOf(req) {
      const session = sessionOrNull(req)
      if (session === null) throw unguarded('requireSession')
      return session
    },
    sessionOrNull,
  }
}
