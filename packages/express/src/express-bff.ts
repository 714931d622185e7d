import type { IncomingMessage, ServerResponse } from 'node:http'
import { isBffError, type ServedBff } from '@bff/core'
import { type FindSession, guardedRequests, type SessionGuards, startReply } from '@bff/node'

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
export interface ExpressBff<Metadata = Readonly<Record<string, unknown>>>
  extends SessionGuards<Metadata, Middleware, IncomingMessage> {
  /** Serves the BFF's endpoints and proxied APIs. Register it before all body parsers, routes and guards. */
  readonly handler: Middleware
  /** Answers a `BffError` of a route as the BFF does. Register it after the routes. */
  readonly errorHandler: ErrorMiddleware
}

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
export function expressBff<Metadata>(bff: ServedBff<Metadata>): ExpressBff<Metadata> {
  const { handle, viewOf, requireSession, optionalSession, getSession, sessionOf } = guardedRequests(bff)

  function guard(find: FindSession): Middleware {
    return (req, res, next) => {
      find(viewOf(req, res), req).then(
        () => next(),
        (error: unknown) => startReply(bff, bff.errorReply(error), res),
      )
    }
  }

  return {
    handler(req, res, next) {
      const reply = handle(req, res)
      if (reply === undefined) next()
      else startReply(bff, reply, res)
    },
    requireSession: (options) => guard(requireSession(options)),
    optionalSession: (options) => guard(optionalSession(options)),
    errorHandler(error, _req, res, next) {
      if (isBffError(error) && !res.headersSent) startReply(bff, bff.errorReply(error), res)
      else next(error)
    },
    getSession,
    sessionOf,
  }
}
