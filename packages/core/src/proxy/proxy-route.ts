import type { Session } from '../contracts/session.ts'
import type { ClientTokenSource, UserTokenSource } from './token-source.ts'

/** One API behind the BFF. */
export interface ProxyRoute {
  /** Path prefix, such as `/api`: the path itself and everything below it. The longest match wins. */
  readonly path: string
  /** Origin and optional base path of the API, such as `https://orders.internal/v1`. */
  readonly target: string
  /** Cuts `path` off before forwarding: `/api/orders` reaches the API as `/orders`. @default true */
  readonly stripPrefix?: boolean
  /** Rewrites the raw path to forward, after the prefix was cut. The result is validated again. */
  readonly rewritePath?: (path: string) => string
  /**
   * Which token goes upstream: `user` needs a session and sends its access token; `userOrNone` sends it when
   * there is one; `none` needs no session and sends none; `client` needs no session and sends the BFF's own
   * token; `userOrClient` sends the user's when there is one, else the BFF's own. @default `user`
   */
  readonly token?: 'user' | 'userOrNone' | 'none' | 'client' | 'userOrClient'
  /** The BFF's own token for this API; needed by `client` and `userOrClient`. */
  readonly clientToken?: ClientTokenSource
  /** The user's token for this API, where it is not the session's own. @default the session's access token */
  readonly userToken?: UserTokenSource
  /**
   * What vouches for a request. `header`: the CSRF header, which only scripts can send. `same-origin`: for GET and HEAD it is
   * enough that the browser says the request comes from a page of the BFF's own or an allowed origin (`Sec-Fetch-Site:
   * same-origin`, or `Origin` or `Referer` where that header is absent), so that `<img>`, `<video>`, downloads and
   * `EventSource` pass; no GET of this API may change anything then. @default `header`
   */
  readonly csrf?: 'header' | 'same-origin'
  /** Allowed methods. @default GET HEAD POST PUT PATCH DELETE OPTIONS */
  readonly methods?: readonly string[]
  /** Lets `;` stand in paths, where some servers cut off what follows it (PRX-03). @default false */
  readonly allowPathParameters?: boolean
  /**
   * Relays WebSockets too, where the host can (`relayWebSockets` of `@bff/node`): `/api/live` of a page at the BFF's own
   * or an allowed origin reaches the API at the http URL of the path, with the access token in the handshake (CSR-13). Needs
   * an `upstream` that can, such as `undiciUpstream()`. @default false
   */
  readonly webSocket?: boolean
  /** Request headers to forward beyond the default list. */
  readonly forwardHeaders?: readonly string[]
  /** Request headers to drop from what would be forwarded. */
  readonly removeHeaders?: readonly string[]
  /** Response headers to drop beyond those always dropped. */
  readonly removeResponseHeaders?: readonly string[]
  /** Names of cookies the API may set; never the BFF's own. @default none */
  readonly allowSetCookie?: readonly string[]
  /**
   * Changes headers of the outgoing request; what it sets wins over the client's. Where an access token is sent, it
   * is the only `authorization`. Called once, also when the request is sent again.
   */
  readonly onRequest?: (headers: Map<string, string>, session: Session | null) => Promise<void> | void
  /** Request bodies beyond this many bytes answer 413. @default 10_485_760 (10 MiB). 0: no limit */
  readonly maxBodyBytes?: number
  /** Bodies up to this many bytes are kept so that a refused request can be sent again. @default 65_536 */
  readonly replayBodyBytes?: number
  /**
   * Milliseconds for connecting, for each piece of a request body to be taken, and for the response headers once the request
   * is sent; the time a client takes for its upload does not count. @default 30_000. 0: no limit
   */
  readonly headersTimeoutMs?: number
  /**
   * Milliseconds a response body may stand still, and a client in the middle of its upload (400 `bad_request`); not applied
   * to event streams. @default 60_000. 0: no limit
   */
  readonly idleTimeoutMs?: number
  /** Milliseconds for the whole exchange; not applied to event streams. @default 0 (no limit) */
  readonly totalTimeoutMs?: number
}
