import type { ApiProxy, ApiProxyDependencies } from '../contracts/api-proxy.ts'
import type { BffConfig, Hooks, LogoutOptions } from '../contracts/config.ts'
import type { CsrfCheck } from '../contracts/csrf.ts'
import type { PluginContext } from '../contracts/endpoint.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import type { Sessions } from '../contracts/sessions.ts'
import type { Stores } from '../contracts/stores.ts'
import type { Upstream } from '../contracts/upstream.ts'
import { createBff } from '../index.ts'
import { BffError } from '../internal/bff-error.ts'
import { apiProxy, type ProxyRoute } from '../proxy/index.ts'
import type { Layer } from './layer.ts'
import { cookieOf, type SessionCookie } from './session-cookie.ts'

/** What `createBff` takes, without what only its endpoints heed. */
export type PartsConfig<Metadata = Readonly<Record<string, unknown>>> = Omit<
  BffConfig<Metadata>,
  'basePath' | 'login' | 'logout' | 'proxy' | 'plugins' | 'hooks'
> & {
  readonly logout?: Pick<LogoutOptions, 'revokeTokens'>
  readonly hooks?: Omit<Hooks<Metadata>, 'onCreateSession' | 'onUserClaims' | 'onLogout'>
}

/** Set here, they would never take effect: a hook that refuses a sign-in must not be one that nobody calls. */
const OF_ENDPOINTS = [
  ...['basePath', 'login', 'proxy', 'plugins', 'logout.returnTo', 'logout.endProviderSession'],
  ...['hooks.onCreateSession', 'hooks.onUserClaims', 'hooks.onLogout'],
]

const isSet = (config: object, option: string): boolean =>
  option.split('.').reduce<unknown>((part, name) => Reflect.get(Object(part), name), config) !== undefined

/** The parts of a BFF, to be composed by the app; they answer no path of their own. */
export interface BffParts<Metadata = Readonly<Record<string, unknown>>> {
  readonly stores: Stores
  readonly cookie: SessionCookie
  /** Makes, rotates, lists and ends sessions; the app sends the cookies they come with. */
  readonly sessions: Sessions<Metadata>
  /**
   * Lets signed-in requests pass and answers all others: 401, 403 without the CSRF header, 503 when the store does not
   * answer (S1-25).
   *
   * @param options.csrf what vouches for the request: see {@link CsrfCheck}; `true` is `header`, `false` for pages a browser
   * navigates to. @default true
   */
  requireSession(options?: { readonly csrf?: CsrfCheck | boolean }): Layer
  /** Lets everybody pass and knows who is signed in (S1-25). Change nothing on its word alone: it checks no CSRF header. */
  optionalSession(): Layer
  /**
   * Refreshes the access token of a signed-in request that is due, at `refresh.thresholdMs` (S1-24). While the provider is
   * away a token that still lives will do; a session the provider ended is answered with 401.
   */
  autoRefresh(): Layer
  /**
   * The session a layer found; `null` for nobody (S1-26).
   *
   * @throws BffError `invalid_argument` where no layer looked
   */
  sessionOf(request: RequestView): Session<Metadata> | null
  /**
   * Exchanges the session's refresh token now. `null` when the session has ended.
   *
   * @throws BffError `refresh_rejected` when this refresh has ended it, `token_expired`, `provider_unavailable`,
   * `refresh_busy`, `store_unavailable` …
   */
  refresh(session: Session<Metadata>): Promise<Session<Metadata> | null>
  /**
   * Relays what is below the route's path to its API, with all the BFF does for it: CSRF check, session, token, header
   * lists (S1-38). `undefined`, synchronously, for other paths.
   *
   * @param upstream how requests travel. @default `fetchUpstream()`
   * @throws BffError `invalid_config`, also for a path that overlaps that of another of its proxies
   */
  simpleProxy(route: ProxyRoute, upstream?: Upstream): (request: RequestView) => Promise<Reply> | undefined
  /** The reply for an error, as the BFF would send it. */
  errorReply(error: unknown): Reply
  /** Closes the stores and the proxies' transports. Idempotent. */
  close(): Promise<void>
}

const pathOf = ({ target }: RequestView) => target.split('?', 1)[0] ?? ''

/**
 * The BFF in parts, for apps that want its sessions, refresh, cookie or proxy behind routes of their own and none of its
 * endpoints (S1-13, S1-23b to S1-29, S1-38).
 *
 * @throws BffError `invalid_config`, naming the option and what it takes
 * @example
 * ```ts
 * import { createParts, stack } from '@bff/core/compose'
 * import { jsonReply } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const parts = createParts({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 * })
 * export const profile = stack([parts.requireSession(), parts.autoRefresh()], async (request) =>
 *   jsonReply(200, { user: parts.sessionOf(request)?.userId }),
 * )
 * export const orders = parts.simpleProxy({ path: '/api', target: 'https://orders.internal' })
 * ```
 */
export function createParts<Metadata = Readonly<Record<string, unknown>>>(
  config: PartsConfig<Metadata>,
): BffParts<Metadata> {
  const vain = OF_ENDPOINTS.find((option) => isSet(config, option))
  if (vain !== undefined)
    throw new BffError('invalid_config', `createParts takes no ${vain}: what it makes answers no path.`)
  const lent: { context?: PluginContext; proxy?: ApiProxyDependencies } = {}
  const proxies: Array<{ readonly path: string; readonly proxy: ApiProxy }> = []
  const bff = createBff<Metadata>({
    ...config,
    // Out of the way of the app's own paths; nothing is ever asked for below it.
    basePath: '/.bff',
    plugins: [
      (context) => {
        lent.context = context
        // The app puts limitRequests() before its own routes, where it likes.
        return { limitsRate: true }
      },
    ],
    proxy: (dependencies) => {
      lent.proxy = dependencies
      return {
        // Nothing but the app's own routes leads to them.
        paths: [],
        match: (path) =>
          proxies.reduce<ReturnType<ApiProxy['match']>>(
            (found, { proxy }) => found ?? proxy.match(path),
            null,
          ),
        close: async () => {
          await Promise.all(proxies.map(({ proxy }) => proxy.close()))
        },
      }
    },
  })
  const { context, proxy: dependencies } = lent
  if (context === undefined || dependencies === undefined) throw new BffError('internal_error')
  const { options, stores, clock } = context

  // A slot of the request itself, and of these parts alone.
  const FOUND: unique symbol = Symbol('session')
  interface Guarded extends RequestView {
    [FOUND]?: Session<Metadata> | null
  }

  const guard =
    (find: (request: RequestView) => Promise<Session<Metadata> | null>): Layer =>
    async (request: Guarded, next) => {
      try {
        request[FOUND] = await find(request)
      } catch (error) {
        return bff.errorReply(error)
      }
      return next()
    }

  return {
    stores,
    cookie: cookieOf(options.cookieName, options.sessionCookie, clock),
    sessions: bff.sessions,
    requireSession: (how) => guard((request) => bff.requireSession(request, how)),
    optionalSession: () => guard((request) => bff.authenticate(request)),
    autoRefresh: () =>
      guard(async (request) => {
        const session = await bff.authenticate(request)
        await session?.tokens()
        return session
      }),

    sessionOf(request: Guarded) {
      const session = request[FOUND]
      if (session === undefined)
        throw new BffError('invalid_argument', 'A session was asked for behind no layer that looks for one.')
      return session
    },

    async refresh(session) {
      const record = await stores.sessions.get(session.handle)
      if (record === null || record.revocation !== null) return null
      if ((await context.refresh(record)) === null) return null
      // Whoever asks with tokens from before gets the session as it is now.
      return (await dependencies.renew(session as Session, '')) as Session<Metadata> | null
    },

    simpleProxy(route, upstream) {
      const { path } = route
      const proxy = apiProxy({ routes: [route], ...(upstream && { upstream }) })(dependencies)
      if (proxies.some((other) => other.proxy.match(path) !== null || proxy.match(other.path) !== null))
        throw new BffError('invalid_config', `The proxied path ${path} overlaps that of another proxy.`)
      proxies.push({ path, proxy })
      return (request) => (proxy.match(pathOf(request)) === null ? undefined : bff.handle(request))
    },

    errorReply: (error) => bff.errorReply(error),
    close: () => bff.close(),
  }
}
