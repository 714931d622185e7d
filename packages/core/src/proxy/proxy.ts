import type { Session } from '../session/model.ts'

/** One API behind the BFF. */
export interface ProxyRoute {
  /** Path prefix, such as `/api`: the path itself and everything below it. */
  readonly path: string
  /** Origin and optional base path of the API, such as `https://orders.internal/v1`. */
  readonly target: string
  /** Cuts `path` off before forwarding: `/api/orders` reaches the API as `/orders`. @default true */
  readonly stripPrefix?: boolean
  /** Rewrites the path to forward, after the prefix was cut. The result is validated again. */
  readonly rewritePath?: (path: string) => string
  /**
   * Which token goes upstream: `user` needs a session and sends its access token; `userOrNone` sends it when
   * there is one; `none` needs no session and sends none (S1-17). @default `user`
   */
  readonly token?: 'user' | 'userOrNone' | 'none'
  /** Allowed methods. @default GET HEAD POST PUT PATCH DELETE OPTIONS */
  readonly methods?: readonly string[]
  /** Request headers to forward beyond the default list. */
  readonly forwardHeaders?: readonly string[]
  /** Request headers to drop from what would be forwarded. */
  readonly removeHeaders?: readonly string[]
  /** Response headers to drop beyond those always dropped. */
  readonly removeResponseHeaders?: readonly string[]
  /** Names of cookies the API may set; never the BFF's own. @default none */
  readonly allowSetCookie?: readonly string[]
  /** Changes headers of the outgoing request; what it sets wins over the client's, never over `authorization`. */
  readonly onRequest?: (
    headers: Map<string, string>,
    session: Session | null,
  ) => Promise<void> | void
  /** Request bodies beyond this many bytes answer 413. @default 10_485_760 (10 MiB). 0: no limit */
  readonly maxBodyBytes?: number
  /** Bodies up to this many bytes are kept so that a refused request can be sent again. @default 65_536 */
  readonly replayBodyBytes?: number
  /** Milliseconds for connecting and the response headers. @default 30_000. 0: no limit */
  readonly headersTimeoutMs?: number
  /** Milliseconds a response body may stand still; not applied to event streams. @default 60_000. 0: no limit */
  readonly idleTimeoutMs?: number
  /** Milliseconds for the whole exchange; not applied to event streams. @default 0 (no limit) */
  readonly totalTimeoutMs?: number
}
