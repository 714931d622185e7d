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
  readonly token: 'user' | 'userOrNone' | 'none'
  /** What vouches for a request. @default `header` */
  readonly csrf?: CsrfCheck
  forward(request: RequestView, session: Session | null): Promise<Reply>
}

/** What the pipeline needs of a reverse proxy; `apiProxy()` of `@bff/core/proxy` is one. */
export interface ApiProxy {
  /** The paths of its routes; what is below them is its as well. */
  readonly paths: readonly string[]
  /** The route a raw path belongs to, dangerous forms of it included, which `forward` then refuses; else `null`. */
  match(path: string): ApiRoute | null
  close(): Promise<void>
}

/** What the core gives a proxy. */
export interface ApiProxyDependencies {
  /** The public origin. */
  readonly origin: string
  /** The BFF's own cookies, which no API may set. */
  readonly cookieNames: readonly string[]
  readonly clock: Clock
  /** The address the browser calls from; `null` when unknown. */
  readonly clientAddress: (request: RequestView) => string | null
  readonly emit: Emit
  /** Where an answer that goes on and on learns that its session has ended. */
  readonly stores: Stores
  readonly tokens: Pick<TokenRefresh, 'replaceRefused'>
}

/** A proxy waiting for the BFF it will belong to. */
export type ApiProxyFactory = (dependencies: ApiProxyDependencies) => ApiProxy
