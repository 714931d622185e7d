import {
  BffError,
  type GuardOptions,
  type RequestView,
  type ServedBff,
  type Session,
  webRequestView,
  webResponse,
} from '@bff/core'
import { isOriginForm, option, readOptions, refuseUnknown } from '@bff/core/authoring'
import { requestViews } from '@bff/core/web'
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** Options of {@link honoBff}. */
export interface HonoBffOptions {
  /**
   * Returns the address of the socket's peer, such as `getConnInfo(c).remote.address` of `hono/bun`, `hono/deno` or
   * `hono/cloudflare-workers`.
   *
   * @default the address that `@hono/node-server` provides, `undefined` on other runtimes
   */
  readonly remoteAddress?: (c: Context) => string | undefined
}

/** What {@link HonoBff.requireSession} adds to the context of the routes behind it. */
export interface RequiredEnv<Metadata> {
  Variables: { readonly session: Session<Metadata> }
}

/** What {@link HonoBff.optionalSession} adds to the context of the routes behind it. `null`: the request is not signed in. */
export interface OptionalEnv<Metadata> {
  Variables: { readonly session: Session<Metadata> | null }
}

/** The parts of a BFF for a Hono app. Each part can be destructured and used alone. */
export interface HonoBff<Metadata = Readonly<Record<string, unknown>>> {
  /** Serves the BFF's endpoints and proxied APIs. Register it with `app.use` before all routes and guards. */
  readonly handler: MiddlewareHandler
  /**
   * Makes middleware that passes only signed-in requests with the CSRF header on, and answers all others as the BFF does:
   * 401, 403, or 503 when the store does not answer. The routes behind it have the session as `c.var.session`.
   *
   * @throws BffError `invalid_config` for an unknown option
   */
  requireSession(options?: GuardOptions): MiddlewareHandler<RequiredEnv<Metadata>>
  /**
   * Makes middleware that passes every request on, with its session as `c.var.session`, or `null`; it answers 503 when the
   * store does not answer. Without `csrf` it makes no CSRF check: do not use it for requests that change something.
   *
   * @throws BffError `invalid_config` for an unknown option
   */
  optionalSession(options?: GuardOptions): MiddlewareHandler<OptionalEnv<Metadata>>
  /**
   * Returns the active session, or `null`, on any route, without a guard. Without `csrf` it makes no CSRF check: do not use
   * it for requests that change something.
   *
   * @throws BffError `store_unavailable` when the store does not answer; `csrf_violation` when `csrf` is given and the check
   * fails
   */
  getSession(c: Context, options?: GuardOptions): Promise<Session<Metadata> | null>
  /**
   * Answers a `BffError` of a route as the BFF does, an `HTTPException` of Hono with its own response, and any other error
   * with 500, which the BFF reports as the event `request.failed`. Register it with `app.onError`.
   */
  readonly errorHandler: ErrorHandler
}

/** The part of `HttpBindings` of `@hono/node-server` that is used here. */
interface NodeBindings {
  readonly incoming?: { readonly url?: string; readonly socket?: { readonly remoteAddress?: string } }
}

const nodeRequestOf = (c: Context) => (c.env as NodeBindings | undefined)?.incoming

/**
 * Makes the parts of a Hono app from a BFF, on every runtime that Hono has.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { honoBff } from '@bff/hono'
 * import { Hono } from 'hono'
 *
 * export function appOf(bff: Bff) {
 *   const { handler, requireSession, errorHandler } = honoBff(bff)
 *   const app = new Hono()
 *   app.use(handler)
 *   app.get('/profile', requireSession(), (c) => c.json({ user: c.var.session.userId }))
 *   app.onError(errorHandler)
 *   return app
 * }
 * ```
 */
export function honoBff<Metadata>(bff: ServedBff<Metadata>, options: HonoBffOptions = {}): HonoBff<Metadata> {
  const { remoteAddress = (c: Context) => nodeRequestOf(c)?.socket?.remoteAddress } = readOptions(
    'honoBff',
    options,
    { remoteAddress: option.callback<NonNullable<HonoBffOptions['remoteAddress']>>() },
  )
  const viewOf = requestViews<Context>(
    (c) => c.req.raw,
    (c) => webRequestView(c.req.raw, remoteAddress(c)),
  )
  const answer = (error: unknown) => webResponse(bff.errorReply(error))

  function guard<Found extends Session<Metadata> | null>(
    find: (view: RequestView) => Promise<Found>,
  ): MiddlewareHandler<{ Variables: { readonly session: Found } }> {
    return async (c, next) => {
      try {
        c.set('session', await find(viewOf(c)))
      } catch (error) {
        return answer(error)
      }
      return next()
    }
  }

  return {
    async handler(c, next) {
      // The Node server makes a URL of every target, so nobody behind it sees which form the target had.
      if (!isOriginForm(nodeRequestOf(c)?.url ?? '/')) return answer(new BffError('invalid_path'))
      const reply = bff.handle(viewOf(c))
      return reply === undefined ? next() : webResponse(await reply)
    },
    requireSession(options = {}) {
      refuseUnknown('requireSession()', options, ['csrf'])
      return guard((view) => bff.requireSession(view, options))
    },
    optionalSession(options = {}) {
      refuseUnknown('optionalSession()', options, ['csrf'])
      return guard((view) => bff.getSession(view, options))
    },
    getSession: async (c, guard) => bff.getSession(viewOf(c), guard),
    errorHandler: (error) => (error instanceof HTTPException ? error.getResponse() : answer(error)),
  }
}
