import type { AccessTokens, Session } from '../contracts/session.ts'

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
export type ClientTokenSource = (request: TokenRequest) => Promise<AccessTokens>

/**
 * Returns a user's access token for an API, in place of the session's own; `null` when this user has none. `tokenExchange()`
 * of `@bff/oidc` makes such a source. It must never give one session's token to another session (RFT-03).
 */
export type UserTokenSource = (session: Session, request: TokenRequest) => Promise<AccessTokens | null>
