import { type Bff, BffError, type CsrfCheck } from '@bff/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestBff } from './request-bff.ts'
import { VIEW, type ViewedRequest } from './view.ts'

/** One BFF of an app, by name: for apps with several, and for its own type of `session.metadata`. */
export interface FastifyBff<Metadata> {
  /** The guard `requireSession`, for this BFF. */
  requireSession(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** The guard `requireSessionBy`, for this BFF. */
  requireSessionBy(csrf: CsrfCheck | false): FastifyBff<Metadata>['requireSession']
  /**
   * What `request.bff` is, for this BFF.
   *
   * @throws BffError `invalid_argument` outside of the context where `bffPlugin` was registered
   */
  of(request: FastifyRequest): RequestBff<Metadata>
}

/**
 * The guard and the requests of one BFF. Register it with {@link bffPlugin} as well, which serves its paths.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { bffPlugin, fastifyBff } from '@bff/fastify'
 * import type { FastifyInstance } from 'fastify'
 *
 * export async function serve(app: FastifyInstance, shopBff: Bff, adminBff: Bff<{ readonly desk: string }>) {
 *   await app.register(bffPlugin, { bff: shopBff })
 *   await app.register(bffPlugin, { bff: adminBff })
 *   const admin = fastifyBff(adminBff)
 *   app.get('/desk', { onRequest: admin.requireSession }, (request) => admin.of(request).session.metadata.desk)
 * }
 * ```
 */
export function fastifyBff<Metadata>(bff: Bff<Metadata>): FastifyBff<Metadata> {
  const known = new WeakMap<FastifyRequest, RequestBff<Metadata>>()

  function of(request: ViewedRequest): RequestBff<Metadata> {
    const before = known.get(request)
    if (before !== undefined) return before
    const view = request[VIEW]
    if (view === undefined)
      throw new BffError(
        'invalid_argument',
        'A session was asked for on a route that bffPlugin does not reach. Register bffPlugin on the app or around the route.',
      )
    const made = new RequestBff(bff, view)
    known.set(request, made)
    return made
  }

  return {
    of,
    requireSession: (request, reply) => of(request).guard(reply),
    requireSessionBy: (csrf) => (request, reply) => of(request).guard(reply, csrf),
  }
}
