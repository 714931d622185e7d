import { type Bff, BffError, type CsrfCheck, type RequestView, type Session } from '@bff/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What a Fastify request knows of its session: `request.bff`. */
export class RequestBff<Metadata = Readonly<Record<string, unknown>>> {
  readonly #only: Bff<Metadata> | null
  readonly #view: RequestView
  #session: Session<Metadata> | null = null

  /** @param bff `null` where several were registered side by side: none of them is meant */
  constructor(bff: Bff<Metadata> | null, view: RequestView) {
    this.#only = bff
    this.#view = view
  }

  get #bff(): Bff<Metadata> {
    if (this.#only !== null) return this.#only
    throw severalBffs()
  }

  /**
   * The session {@link requireSession} found.
   *
   * @throws BffError `invalid_argument` on a route without that guard: no route is protected by reading this
   */
  get session(): Session<Metadata> {
    if (this.#session !== null) return this.#session
    if (this.#only === null) throw severalBffs()
    throw new BffError(
      'invalid_argument',
      'The session was read on a route without a guard of this BFF. Add { onRequest: requireSession } to the route, or ' +
        'await request.bff.authenticate() where a session is optional.',
    )
  }

  /**
   * The live session, or `null`; for routes that also serve people who are not signed in. Checks no CSRF header, so
   * change nothing on its word alone.
   *
   * @throws BffError `store_unavailable`: an outage is not a sign-out; `invalid_argument` where several BFFs are
   * registered side by side and none is named
   */
  async authenticate(): Promise<Session<Metadata> | null> {
    return this.#bff.authenticate(this.#view)
  }

  /** What {@link requireSession} does; resolves when the request may go on or was answered. */
  async guard(reply: FastifyReply, csrf: CsrfCheck | false = 'header'): Promise<void> {
    const bff = this.#bff
    try {
      this.#session = await bff.requireSession(this.#view, { csrf })
    } catch (error) {
      const { status, headers, body } = bff.errorReply(error)
      reply.code(status)
      for (const [name, value] of headers) reply.header(name, value)
      await reply.send(body)
    }
  }
}

const severalBffs = () =>
  new BffError(
    'invalid_argument',
    'Several BFFs are registered side by side, so request.bff and requireSession mean none of them. Name one: ' +
      'fastifyBff(bff).requireSession and fastifyBff(bff).of(request).',
  )

/**
 * Lets only signed-in requests with the CSRF header pass, and answers all others as the BFF itself would: 401, 403,
 * or 503 when the store does not answer. Use it as `onRequest` of a route or of a plugin. Of several BFFs it asks the one of
 * the nearest plugin; where several are registered side by side, use `fastifyBff(bff).requireSession`.
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

/**
 * {@link requireSession} for requests scripts do not send: with `same-origin` GET and HEAD pass without the CSRF header, with
 * `form` every method, when the browser says they come from a page of the BFF's own or an allowed origin; `false` checks
 * nothing, for pages a browser navigates to.
 *
 * @example
 * ```ts
 * import { requireSessionBy } from '@bff/fastify'
 * import type { FastifyInstance } from 'fastify'
 *
 * export function avatar(app: FastifyInstance) {
 *   app.get('/avatar', { onRequest: requireSessionBy('same-origin') }, (request) => request.bff.session.userId)
 * }
 * ```
 */
export const requireSessionBy =
  (csrf: CsrfCheck | false) =>
  (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    request.bff.guard(reply, csrf)
