import type { IncomingMessage, ServerResponse } from 'node:http'
import { isBffError, type Reply, type ServedBff } from '@bff/core'
import { deliverReply, type FindSession, guardedRequests, type SessionGuards } from '@bff/node'

/** The part of Koa's context that is used here, so that no type package is needed. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** The target as sent, also where `koa-mount` or a router rewrote `url`. */
  readonly originalUrl: string
  readonly headerSent: boolean
  respond?: boolean | undefined
}

/** Koa middleware. */
export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>

/** The parts of a BFF for a Koa app. Each part can be destructured and used alone. */
export interface KoaBff<Metadata = Readonly<Record<string, unknown>>>
  extends SessionGuards<Metadata, KoaMiddleware, KoaContext> {
  /**
   * Serves the BFF's endpoints and proxied APIs, and answers a `BffError` of the middleware behind it as the BFF does. Register
   * it before all body parsers, routers and guards.
   */
  readonly handler: KoaMiddleware
}

/**
 * Makes the parts of a Koa app from a BFF.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { koaBff } from '@bff/koa'
 * import Koa from 'koa'
 *
 * export function serve(bff: Bff) {
 *   const { handler, requireSession, sessionOf } = koaBff(bff)
 *   const app = new Koa()
 *   app.use(handler)
 *   app.use(requireSession())
 *   app.use((ctx) => {
 *     ctx.body = { user: sessionOf(ctx).userId }
 *   })
 *   return app.listen(3000)
 * }
 * ```
 */
export function koaBff<Metadata>(bff: ServedBff<Metadata>): KoaBff<Metadata> {
  const { handle, viewOf, requireSession, optionalSession, getSession, sessionOf } = guardedRequests(bff)
  const view = ({ req, res, originalUrl }: KoaContext) => viewOf(req, res, originalUrl)

  /** Answers past Koa, because a reply knows its own stream and signal. */
  async function answer(ctx: KoaContext, reply: Reply | Promise<Reply>): Promise<void> {
    ctx.respond = false
    await deliverReply(bff, reply, ctx.res)
  }

  function guard(find: FindSession): KoaMiddleware {
    return async (ctx, next) => {
      try {
        await find(view(ctx), ctx.req)
      } catch (error) {
        return answer(ctx, bff.errorReply(error))
      }
      await next()
    }
  }

  return {
    async handler(ctx, next) {
      const reply = handle(ctx.req, ctx.res, ctx.originalUrl)
      if (reply !== undefined) return answer(ctx, reply)
      try {
        await next()
      } catch (error) {
        if (!isBffError(error) || ctx.headerSent) throw error
        await answer(ctx, bff.errorReply(error))
      }
    },
    requireSession: (options) => guard(requireSession(options)),
    optionalSession: (options) => guard(optionalSession(options)),
    getSession: ({ req }) => getSession(req),
    sessionOf: ({ req }) => sessionOf(req),
  }
}
