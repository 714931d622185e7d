import type { AccessTokens, Session } from '../contracts/session.ts'

/** Why a token is asked for. */
export interface TokenRequest {
  /** The token an API has just refused: answer with another one, or the same if there is no other. `null` at first. */
  readonly rejected: string | null
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/**
 * Where an API's access tokens for the BFF itself come from, such as `clientCredentials()` of `@bff/oidc`. Called for
 * each request: it keeps what it has, and lets concurrent callers share one fetch.
 */
export type ClientTokenSource = (request: TokenRequest) => Promise<AccessTokens>

/**
 * Where an API's access tokens for a user come from in place of the session's own, such as `tokenExchange()` of
 * `@bff/oidc`. `null`: this user has none. What it keeps must never pass from one session to another (RFT-03).
 */
export type UserTokenSource = (session: Session, request: TokenRequest) => Promise<AccessTokens | null>
