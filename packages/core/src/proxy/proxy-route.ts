import type { Attachable } from '../contracts/attachable.ts'
import type { AccessTokens, Session, TokenTarget } from '../contracts/session.ts'

/** One API behind the BFF. */
export interface ProxyRoute {
  /** Path prefix, such as `/api`: the path itself and everything below it. The longest match wins. */
  readonly path: string
  /** Origin and optional base path of the API, such as `https://orders.internal/v1`. */
  readonly target: string
  /** Removes `path` before forwarding: `/api/orders` reaches the API as `/orders`. @default true */
  readonly stripPrefix?: boolean
  /** Rewrites the raw path to forward, after the prefix is removed. The proxy validates the result again. */
  readonly rewritePath?: (path: string) => string
  /**
   * The token that the API receives. @default `user`
   *
   * - `user`: needs a session and sends its access token.
   * - `user-or-none`: sends the access token of a session when there is one.
   * - `none`: needs no session and sends no token.
   * - `client`: needs no session and sends the BFF's own token.
   * - `user-or-client`: sends the user's token when there is one, and otherwise the BFF's own.
   */
  readonly token?: 'user' | 'user-or-none' | 'none' | 'client' | 'user-or-client'
  /** Returns the BFF's own token for this API; required for `client` and `user-or-client`. */
  readonly clientToken?: ClientTokenSource
  /**
   * The user's token for this API, when it is not the session's own: a target, for which `session.tokensFor()` gets it, or a
   * source such as `tokenExchange()`. @default the session's access token
   */
  readonly userToken?: TokenTarget | UserTokenSource
  /**
   * How the CSRF check accepts a request. @default `header`
   *
   * - `header`: by the CSRF header, which only scripts can send.
   * - `same-origin`: GET and HEAD need no CSRF header when the browser says that they come from a page of the BFF's own or
   *   an allowed origin (`Sec-Fetch-Site: same-origin`, or `Origin` or `Referer` without that header). So `<img>`,
   *   `<video>`, downloads and `EventSource` can use the API. Its GET requests must not change anything.
   */
  readonly csrf?: 'header' | 'same-origin'
  /** Allowed methods. @default GET HEAD POST PUT PATCH DELETE OPTIONS */
  readonly methods?: readonly string[]
  /** Allows `;` in paths. Some servers ignore the text after it (PRX-03). @default false */
  readonly allowPathParameters?: boolean
  /**
   * Relays WebSockets too, where the framework supports it (`relayWebSockets` of `@bff/node`). A handshake from a page at
   * the BFF's own or an allowed origin reaches the API at the http URL of the path, with the access token (RFC 6455,
   * CSR-13). It needs an `upstream` with WebSockets, such as `undiciUpstream()`. @default false
   */
  readonly webSocket?: boolean
  /** Request headers to forward in addition to the default list. */
  readonly forwardHeaders?: readonly string[]
  /** Request headers of the default list that are not forwarded. */
  readonly removeHeaders?: readonly string[]
  /** Response headers to remove in addition to those that are always removed. */
  readonly removeResponseHeaders?: readonly string[]
  /** Names of cookies that the API may set; the BFF's own are not allowed. @default none */
  readonly allowSetCookie?: readonly string[]
  /**
   * Changes the headers of the outgoing request. Its values replace those of the client. It cannot replace the
   * `authorization` header of an access token. Called once, also when the request is sent again.
   */
  readonly onRequest?: (headers: Map<string, string>, session: Session | null) => Promise<void> | void
  /** The largest request body in bytes; a larger one answers 413. @default 10_485_760 (10 MiB). 0: no limit */
  readonly maxBodyBytes?: number
  /** Bodies up to this many bytes are kept in memory, so that a refused request can be sent again. @default 65_536 */
  readonly replayBodyBytes?: number
  /**
   * Milliseconds to connect, to send each chunk of a request body, and to wait for the response headers after the request is
   * sent. The time of the client's upload does not count. @default 30_000. 0: no limit
   */
  readonly headersTimeoutMs?: number
  /**
   * How long a response body, or a client's upload (400 `bad_request`), may pause, in milliseconds. It does not apply to
   * event streams. @default 60_000. 0: no limit
   */
  readonly idleTimeoutMs?: number
  /** Milliseconds for the whole exchange. It does not apply to event streams. @default 0 (no limit) */
  readonly totalTimeoutMs?: number
}

/** A request for a token. */
export interface TokenRequest {
  /**
   * The token that an API has just refused: return another one, or the same if there is no other. `null` for the first
   * request.
   */
  readonly rejected: string | null
  /** Aborts when the caller does not wait for the token any more. */
  readonly signal: AbortSignal
}

/**
 * Returns the BFF's own access token for an API. `clientCredentials()` of `@bff/oidc` makes such a source. The proxy calls
 * it for each request, so it must keep its token, and concurrent callers must share one fetch.
 */
export type ClientTokenSource = ((request: TokenRequest) => Promise<AccessTokens>) & Attachable

/**
 * Returns a user's access token for an API, in place of the session's own; `null` when this user has none. `tokenExchange()`
 * of `@bff/oidc` makes such a source. It must never give one session's token to another session (RFT-03).
 */
export type UserTokenSource = ((session: Session, request: TokenRequest) => Promise<AccessTokens | null>) &
  Attachable
