import type { ApiProxy } from '../contracts/api-proxy.ts'
import type { GuardOptions } from '../contracts/bff.ts'
import type { StandaloneParts } from '../contracts/parts.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import type { Upstream } from '../contracts/upstream.ts'
import { BffError } from '../internal/bff-error.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { relay } from '../internal/http/relay.ts'
import { apiProxy, type ProxyRoute } from '../proxy/index.ts'
import { cookieOf, type SessionCookie } from './session-cookie.ts'
import type { Middleware } from './stack.ts'

/** Guards for an app's own routes, and proxies at paths that the app chooses. */
export interface SessionMiddleware<Metadata = Readonly<Record<string, unknown>>> {
  /** The session cookie, to read and to write. */
  readonly cookie: SessionCookie
  /**
   * Passes signed-in requests on and answers all others: 401, 403 without the CSRF header, 503 when the store does not
   * answer.
   */
  requireSession(options?: GuardOptions): Middleware
  /**
   * Passes every request on, signed in or not. Without `csrf` it makes no CSRF check: do not use it for requests that change
   * something.
   */
  optionalSession(options?: GuardOptions): Middleware
  /**
   * Refreshes the access token of a signed-in request when it is due, as `refresh.thresholdMs` says. In an outage of the
   * provider it keeps a token that has not expired. It answers 401 when the provider has ended the session.
   */
  autoRefresh(): Middleware
  /**
   * Returns the session that the middleware has found; `null` when the request is not signed in.
   *
   * @throws BffError `invalid_argument` when the request has not passed through one of the three
   */
  getSession(request: RequestView): Session<Metadata> | null
  /**
   * Returns the session of a request that has passed `requireSession()`.
   *
   * @throws BffError `invalid_argument` when the request is not signed in, or has not passed through one of the three
   */
  sessionOf(request: RequestView): Session<Metadata>
  /**
   * Refreshes the session now. Returns `null` when the session has ended.
   *
   * @throws BffError `not_configured` without a provider, `refresh_rejected` when this refresh has ended the session,
   * `token_expired`, `provider_unavailable`, `refresh_busy`, `store_unavailable` …
   */
  refresh(session: Session<Metadata>): Promise<Session<Metadata> | null>
  /**
   * Passes requests below the route's path on to its API, as `apiProxy()` does: CSRF check, session, token, header lists.
   * Returns `undefined`, synchronously, for other paths.
   *
   * @param upstream the transport. @default `fetchUpstream()`
   * @throws BffError `invalid_config`, also for a path that overlaps that of another of its proxies
   */
  proxyTo(route: ProxyRoute, upstream?: Upstream): (request: RequestView) => Promise<Reply> | undefined
  /** Returns the reply for an error, as the BFF sends it. */
  errorReply(error: unknown): Reply
  /** Closes the parts and the proxies' transports. Idempotent. */
  close(): Promise<void>
}

const unguarded = (middleware: string) =>
  new BffError(
    'invalid_argument',
    `A session was asked for on a request that has not passed ${middleware}. Add that middleware before it.`,
  )

/**
 * Makes middleware from a BFF's parts, for apps that use sessions, refresh, cookie or proxy on their own routes, without the
 * BFF's endpoints.
 *
 * @example
 * ```ts
 * import { createParts, jsonReply } from '@bff/core'
 * import { createMiddleware, stack } from '@bff/core/compose'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const parts = createParts({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 * })
 * const { requireSession, autoRefresh, sessionOf, proxyTo } = createMiddleware(parts)
 * export const profile = stack([requireSession(), autoRefresh()], async (request) =>
 *   jsonReply(200, { user: sessionOf(request).userId }),
 * )
 * export const orders = proxyTo({ path: '/api', target: 'https://orders.internal' })
 * ```
 */
export function createMiddleware<Metadata = Readonly<Record<string, unknown>>>(
  parts: StandaloneParts<Metadata>,
): SessionMiddleware<Metadata> {
  const {
    options,
    stores,
    clock,
    csrf,
    requests,
    tokens,
    lifecycle,
    clientAddress,
    originOf,
    findOrigin,
    emit,
  } = parts
  const proxies: Array<{ readonly path: string; readonly proxy: ApiProxy }> = []
  const errorReply = (error: unknown, path = 'app') => parts.errorReply(error, path)

  // Stored on the request itself, and separate for each set of parts.
  const FOUND: unique symbol = Symbol('session')
  interface Guarded extends RequestView {
    [FOUND]?: Session<Metadata> | null
  }

  const guard =
    (find: (request: RequestView) => Promise<Session | null>): Middleware =>
    async (request: Guarded, next) => {
      try {
        if (lifecycle.isClosing) throw new BffError('shutting_down')
        await findOrigin?.(request)
        request[FOUND] = (await find(request)) as Session<Metadata> | null
      } catch (error) {
        return errorReply(error)
      }
      return next()
    }

  function getSession(request: Guarded): Session<Metadata> | null {
    if (request[FOUND] === undefined) throw unguarded('requireSession(), optionalSession() or autoRefresh()')
    return request[FOUND]
  }

  async function relayed(proxy: ApiProxy, request: RequestView, path: string): Promise<Reply> {
    const route = proxy.match(path)
    try {
      if (lifecycle.isClosing) throw new BffError('shutting_down')
      if (route === null) throw new BffError('not_found')
      await findOrigin?.(request)
      return await relay(parts, route, request, path)
    } catch (error) {
      return errorReply(error, path)
    }
  }

  let closing: Promise<void> | undefined

  return {
    cookie: cookieOf(options.cookieName, options.sessionCookie, clock),
    requireSession: ({ csrf: check = true } = {}) =>
      guard(async (request) => {
        csrf.require(request, pathOf(request.target), check)
        return requests.require(request)
      }),
    optionalSession: ({ csrf: check = false } = {}) =>
      guard(async (request) => {
        csrf.require(request, pathOf(request.target), check)
        return requests.get(request)
      }),
    autoRefresh: () =>
      guard(async (request) => {
        const session = await requests.get(request)
        await session?.tokens()
        return session
      }),

    getSession,
    sessionOf(request) {
      const session = getSession(request)
      if (session === null) throw unguarded('requireSession()')
      return session
    },

    refresh: (session) => tokens.refreshSession(session) as Promise<Session<Metadata> | null>,

    proxyTo(route, upstream) {
      const { path } = route
      const given = {
        originOf,
        cookieNames: [options.cookieName],
        clock,
        clientAddress,
        emit,
        stores,
        tokens,
      }
      const proxy = apiProxy({ routes: [route], ...(upstream && { upstream }) })(given)
      if (proxies.some((other) => other.proxy.match(path) !== null || proxy.match(other.path) !== null))
        throw new BffError(
          'invalid_config',
          `The proxied path ${path} overlaps that of another proxy. Give them separate paths.`,
        )
      proxies.push({ path, proxy })
      return (request) => {
        const asked = pathOf(request.target)
        return proxy.match(asked) === null ? undefined : relayed(proxy, request, asked)
      }
    },

    errorReply: (error) => errorReply(error),
    close() {
      closing ??= Promise.all([parts.close(), ...proxies.map(({ proxy }) => proxy.close())]).then(() => {})
      return closing
    },
  }
}
