import { BffError, type GuardOptions, type RequestView, type ServedBff, type Session } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { VIEW, type ViewedRequest } from './view.ts'

/** The parts of a BFF for the routes of an app. Each part can be destructured and used alone. */
export interface FastifyBff<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Makes a hook that passes only signed-in requests with the CSRF header on, and answers all others as the BFF does: 401,
   * 403, or 503 when the store does not answer. Use it as `onRequest` of a route or of a plugin.
   *
   * @throws BffError `invalid_config` for an unknown option
   */
  requireSession(options?: GuardOptions): (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /**
   * Returns the active session, or `null`, on any route. Without `csrf` it makes no CSRF check: do not use it for requests
   * that change something.
   *
   * @throws BffError `store_unavailable` when the store does not answer; `csrf_violation` when `csrf` is given and the check
   * fails; `invalid_argument` on a route that `bffPlugin` does not reach
   */
  getSession(request: FastifyRequest, options?: GuardOptions): Promise<Session<Metadata> | null>
  /**
   * Returns the session of a request that has passed `requireSession()`.
   *
   * @throws BffError `invalid_argument` on a route without that guard: this call does not protect a route
   */
  sessionOf(request: FastifyRequest): Session<Metadata>
}

/**
 * Makes the guard of one BFF, and reads its sessions. Also register the BFF with {@link bffPlugin}, which serves its paths.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { bffPlugin, fastifyBff } from '@bff/fastify'
 * import fastify from 'fastify'
 *
 * export async function serve(bff: Bff<{ readonly plan: string }>) {
 *   const { requireSession, sessionOf } = fastifyBff(bff)
 *   const app = fastify()
 *   await app.register(bffPlugin, { bff })
 *   app.get('/plan', { onRequest: requireSession() }, (request) => sessionOf(request).metadata.plan)
 *   await app.listen({ port: 3000 })
 * }
 * ```
 */
export function fastifyBff<Metadata>(bff: ServedBff<Metadata>): FastifyBff<Metadata> {
  // Stored on the request itself, and separate for each BFF: one app may have several.
  const SESSION: unique symbol = Symbol('session')
  interface Guarded extends ViewedRequest {
    [SESSION]?: Session<Metadata>
  }

  return {
    requireSession(options = {}) {
      refuseUnknown('requireSession()', options, ['csrf'])
      return async (request: Guarded, reply) => {
        const view = viewOf(request)
        try {
          request[SESSION] = await bff.requireSession(view, options)
        } catch (error) {
          const { status, headers, body } = bff.errorReply(error)
          reply.code(status)
          for (const [name, value] of headers) reply.header(name, value)
          await reply.send(body)
        }
      }
    },
    getSession: async (request, options) => bff.getSession(viewOf(request), options),
    sessionOf(request: Guarded) {
      viewOf(request)
      const session = request[SESSION]
      if (session !== undefined) return session
      throw new BffError(
        'invalid_argument',
        'A session was read on a route without the guard of this BFF. Add { onRequest: requireSession() } to the ' +
          'route, or await getSession(request) when a session is optional.',
      )
    },
  }
}

function viewOf(request: ViewedRequest): RequestView {
  const view = request[VIEW]
  if (view !== undefined) return view
  throw new BffError(
    'invalid_argument',
    'A session was read on a route that bffPlugin does not reach. Register bffPlugin on the app or around the route.',
  )
}
