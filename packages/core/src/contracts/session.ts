import type { FieldsWith, SessionRecord } from './session-fields.ts'

export type { Revocation, SessionHandle, SessionRecord } from './session-fields.ts'

/** The members of a record that an update may change. A `null` clears a member; an absent key does not change it. */
export type SessionPatch = Partial<Pick<SessionRecord, FieldsWith<{ mutable: true }>>> & {
  readonly updatedAt: number
}

/** Claims about the user. */
export type Claims = Readonly<Record<string, unknown>>

/** What the provider said about the user and the grant; sealed as one field. */
export interface SessionIdentity {
  readonly claims: Claims
  /** Granted scope, space separated, or `null` when the provider did not say. */
  readonly scope: string | null
  /** OpenID Connect Session Management `session_state`, or `null`. */
  readonly sessionState: string | null
}

/** A P-256 key pair as private and public JWK, the form in which it is sealed. */
export interface DpopKeyPair {
  readonly privateJwk: Readonly<JsonWebKey>
  readonly publicJwk: Readonly<JsonWebKey>
  /** RFC 7638 SHA-256 thumbprint, base64url. */
  readonly thumbprint: string
}

/** The tokens for a call to an API. Use them only on the server: never send them to a browser. */
export interface AccessTokens {
  readonly accessToken: string
  /** `null` when the access token is a plain Bearer token. */
  readonly dpopKeyPair: DpopKeyPair | null
}

/** The API that an access token is for: at least one of the three, as the provider names it. */
export interface TokenTarget {
  /** An absolute URI (RFC 8707). @default none */
  readonly resource?: string
  /** The provider's own name for the API, such as Auth0's `audience`. @default none */
  readonly audience?: string
  /** The scope of the token. @default the provider decides */
  readonly scope?: string
}

/** All tokens of a session. Only core and the identity provider see the refresh token and the ID token. */
export interface SessionTokens extends AccessTokens {
  readonly refreshToken: string | null
  readonly idToken: string | null
}

/**
 * An active session as an app sees it: plain data, and methods for the secrets.
 *
 * A logged or serialised session shows no token: `tokens()` and `identity()` open the sealed fields on first use.
 */
export interface Session<Metadata = Readonly<Record<string, unknown>>>
  extends Pick<SessionRecord, Exclude<FieldsWith<{ seen: true }>, 'metadata'>> {
  readonly metadata: Metadata
  readonly hasAccessToken: boolean
  readonly hasRefreshToken: boolean
  /**
   * Returns the access token with the key it is bound to. It refreshes first when the token is about to expire.
   *
   * Returns `null` when the session has no access token.
   *
   * @throws BffError `token_expired`, `session_expired`, `refresh_rejected`, `provider_unavailable`,
   * `provider_misconfigured`, `refresh_busy`, `store_unavailable`, `seal_broken`
   */
  tokens(): Promise<AccessTokens | null>
  /**
   * Returns an access token for another API than the session's own token is for: the provider issues it for the session's
   * refresh token (RFC 6749 §6, RFC 8707 §2.2). It is kept in this process's memory until shortly before it expires, for
   * this session and this target; concurrent callers share one request. It never ends a session.
   *
   * Returns `null` when the session has no access token.
   *
   * @param options.rejected a token that the API has refused, which is not returned again
   * @throws BffError `token_expired` when there is no refresh token, or the provider asks for a new sign-in;
   * `session_expired`, `refresh_rejected`, `provider_unavailable`, `provider_misconfigured` when it refuses a token for this
   * API, `refresh_busy`, `store_unavailable`, `seal_broken`, `not_configured` without a provider, `invalid_argument`
   */
  tokensFor(
    target: TokenTarget,
    options?: { readonly rejected?: string | null },
  ): Promise<AccessTokens | null>
  /** Returns the user's claims, granted scope and session state as of the last sign-in or refresh. */
  identity(): Promise<SessionIdentity>
}
