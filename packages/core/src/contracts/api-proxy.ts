import type { Clock } from './clock.ts'
import type { CsrfCheck } from './csrf.ts'
import type { Emit } from './events.ts'
import type { TokenRefresh } from './parts.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'
import type { Stores } from './stores.ts'

/** A path below which requests go to an API. */
export interface ApiRoute {
  /** Whether a request needs a session, may have one, or has none. */
  readonly token: 'user' | 'user-or-none' | 'none'
  /** How the CSRF check accepts a request. @default `header` */
  readonly csrf?: CsrfCheck
  forward(request: RequestView, session: Session | null): Promise<Reply>
}

/** A reverse proxy, as the pipeline uses it. `apiProxy()` of `@bff/core/proxy` makes one. */
export interface ApiProxy {
  /** The path prefixes of its routes. */
  readonly paths: readonly string[]
  /**
   * Returns the route of a raw path, or `null`. It also matches dangerous forms of the path; `forward` then refuses them.
   */
  match(path: string): ApiRoute | null
  close(): Promise<void>
}

/** What core passes to a proxy. */
export interface ApiProxyDependencies {
  /** Returns the public origin of a request. */
  readonly originOf: (request: RequestView) => string
  /** The BFF's own cookies, which no API may set. */
  readonly cookieNames: readonly string[]
  readonly clock: Clock
  /** Returns the client's address; `null` when it is unknown. */
  readonly clientAddress: (request: RequestView) => string | null
  readonly emit: Emit
  /** The stores, with which a long response notices that its session has ended. */
  readonly stores: Stores
  readonly tokens: Pick<TokenRefresh, 'replaceRefused'>
}

/** Makes the proxy of a BFF; `createBff` calls it. */
export type ApiProxyFactory = (dependencies: ApiProxyDependencies) => ApiProxy
