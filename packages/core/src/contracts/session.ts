declare const handleBrand: unique symbol

/** A session's public name: 16 base64url characters, the first part of the session id. Safe in lists and logs. */
export type SessionHandle = string & { readonly [handleBrand]: true }

/** Why, when and by whom a session was revoked. The first revocation is final. */
export interface Revocation {
  /** Epoch milliseconds. */
  readonly at: number
  /** A short stable word, such as `logout`, `backchannel_logout`, `rotation_theft`, `refresh_rejected`. */
  readonly reasonCode: string
  /** Who did it, such as `user`, `provider`, `operator`, `system`. */
  readonly actorType: string
  /** The actor's own id, or `null` without one. */
  readonly actorId: string | null
}

/**
 * A session record in the store. It holds no secret unsealed.
 *
 * All times are epoch milliseconds. Absence is `null`. The sealed fields are opaque bytes, each sealed on its own so that
 * opening is lazy (CRY-03); a store never looks into them.
 */
export interface SessionRecord {
  /** Immutable primary key. */
  readonly handle: SessionHandle
  /** 1 when created, one more with every update; a touch leaves it alone. */
  readonly version: number
  /**
   * A keyed hash of the id's secret half and of what the session is: handle, user, issuer, creation and absolute end.
   * At most 64 characters. A store keeps it as it is.
   */
  readonly secretHash: string
  /** The hash before the last rotation, accepted until `previousSecretUntil`. */
  readonly previousSecretHash: string | null
  readonly previousSecretUntil: number | null

  /** The provider's subject, unique together with `issuer` (BFF-23). 1 to 255 characters. */
  readonly userId: string
  readonly organizationId: string | null
  readonly issuer: string | null
  /** The provider's own session id: OpenID Connect `sid`. */
  readonly providerSessionId: string | null
  readonly deviceId: string | null
  readonly clientPublicKey: string | null

  readonly accessTokenEncrypted: Uint8Array | null
  readonly refreshTokenEncrypted: Uint8Array | null
  readonly idTokenEncrypted: Uint8Array | null
  /** Sealed JSON of {@link SessionIdentity}. */
  readonly claimsEncrypted: Uint8Array | null
  readonly dpopKeyPairEncrypted: Uint8Array | null
  /** RFC 7638 thumbprint of the DPoP key. A session is DPoP-bound when key pair and thumbprint are both present. */
  readonly dpopThumbprint: string | null
  /** When the access token was received; with its expiry it gives the token's life (ADR 0001). */
  readonly accessTokenIssuedAt: number | null
  readonly accessTokenExpiresAt: number | null
  /**
   * When the refresh token ends and the session with it; without a refresh token when the access token does, unless
   * the session outlives it (`session.endWithAccessToken`). `null`: unknown, or nothing of both.
   */
  readonly refreshTokenExpiresAt: number | null

  /** JSON object of the app's own. Not sealed: keep secrets out of it. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** At most 45 characters. */
  readonly ipAddress: string | null
  /** At most 500 characters. */
  readonly userAgent: string | null

  readonly createdAt: number
  readonly updatedAt: number
  readonly lastAccessedAt: number
  /** When the session expires without another use. */
  readonly expiresAt: number
  /** The absolute limit, which never moves. */
  readonly absoluteExpiresAt: number
  readonly revocation: Revocation | null
}

/** The members of a record that an update may change. A `null` clears a member; an absent key does not change it. */
export type SessionPatch = Partial<
  Pick<
    SessionRecord,
    | 'secretHash'
    | 'previousSecretHash'
    | 'previousSecretUntil'
    | 'organizationId'
    | 'providerSessionId'
    | 'deviceId'
    | 'clientPublicKey'
    | 'accessTokenEncrypted'
    | 'refreshTokenEncrypted'
    | 'idTokenEncrypted'
    | 'claimsEncrypted'
    | 'dpopKeyPairEncrypted'
    | 'dpopThumbprint'
    | 'accessTokenIssuedAt'
    | 'accessTokenExpiresAt'
    | 'refreshTokenExpiresAt'
    | 'metadata'
  >
> & { readonly updatedAt: number }

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
  extends Omit<
    SessionRecord,
    | 'secretHash'
    | 'previousSecretHash'
    | 'previousSecretUntil'
    | 'accessTokenEncrypted'
    | 'refreshTokenEncrypted'
    | 'idTokenEncrypted'
    | 'claimsEncrypted'
    | 'dpopKeyPairEncrypted'
    | 'metadata'
    | 'revocation'
  > {
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
  /** Returns the user's claims, granted scope and session state as of the last sign-in or refresh. */
  identity(): Promise<SessionIdentity>
}
