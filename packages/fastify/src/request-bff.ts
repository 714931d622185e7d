import { type Bff, BffError, type RequestView, type Session } from '@bff/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a Fastify request knows of its session: `request.bff`. */
export class RequestBff {
  readonly #bff: Bff
  readonly #view: RequestView
  #session: Session | null = null

  constructor(bff: Bff, view: RequestView) {
    this.#bff = bff
    this.#view = view
  }

  /**
   * The session {@link requireSession} found.
   *
   * @throws BffError `invalid_argument` on a route without that guard: no route is protected by reading this
   */
  get session(): Session {
    if (this.#session !== null) return this.#session
    throw new BffError(
      'invalid_argument',
      'request.bff.session was read on a route without a guard. Add { onRequest: requireSession } to the route, or ' +
        'await request.bff.authenticate() where a session is optional.',
    )
  }

  /**
   * The live session, or `null`; for routes that also serve people who are not signed in. Checks no CSRF header, so
   * change nothing on its word alone.
   *
   * @throws BffError `store_unavailable`: an outage is not a sign-out
   */
  authenticate(): Promise<Session | null> {
    return this.#bff.authenticate(this.#view)
  }

  /** What {@link requireSession} does; resolves when the request may go on or was answered. */
  async guard(reply: FastifyReply): Promise<void> {
    try {
      this.#session = await this.#bff.requireSession(this.#view)
    } catch (error) {
      const { status, headers, body } = this.#bff.errorReply(error)
      reply.code(status)
      for (const [name, value] of headers) reply.header(name, value)
      await reply.send(body)
    }
  }
}

/**
 * Lets only signed-in requests with the CSRF header pass, and answers all others as the BFF itself would: 401, 403,
 * or 503 when the store does not answer. Use it as `onRequest` of a route or of a plugin.
 *
 * @example
 * ```ts
 * import { requireSession } from '@bff/fastify'
 * import type { FastifyInstance } from 'fastify'
 *
 * export function profile(app: FastifyInstance) {
 *   app.get('/profile', { onRequest: requireSession }, (request) => ({ user: request.bff.session.userId }))
 * }
 * ```
 */
export const requireSession = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
  request.bff.guard(reply)
