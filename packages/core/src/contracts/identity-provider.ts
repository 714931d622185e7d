import type { WithInsecureOptions } from './insecure-option.ts'
import type { Claims, DpopKeyPair } from './session.ts'

/** The parameters of an authorization request. */
export interface AuthorizationRequest {
  /** The BFF's own callback, absolute. */
  readonly redirectUri: string
  /** Core makes it, for one use, and binds it to the browser. */
  readonly state: string
  /** OpenID Connect parameters that the app chose: `prompt`, `login_hint`, `acr_values`, `max_age`, `ui_locales` … */
  readonly parameters: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** What the provider needs at the callback: JSON that core seals and does not read. */
export type ProviderTransaction = Readonly<Record<string, unknown>>

export interface AuthorizationRedirect {
  /** The URL to which core sends the browser. */
  readonly url: string
  readonly transaction: ProviderTransaction
}

/** The response of a token endpoint. Lifetimes are seconds, as on the wire. */
export interface TokenSet {
  readonly accessToken: string
  /** Seconds, or `null` when the provider did not say. */
  readonly expiresIn: number | null
  /** `null`: the provider issued none, so the session keeps its own (RFC 6749 §6, RFT-01). */
  readonly refreshToken: string | null
  /** Seconds, or `null` when unknown. */
  readonly refreshTokenExpiresIn: number | null
  /** Set only when the provider needs it again, as the hint at logout; otherwise `null`. */
  readonly idToken: string | null
  /** Granted scope, or `null` when the provider did not say. */
  readonly scope: string | null
  /** Present when the tokens are bound to a key (RFC 9449), else `null`. */
  readonly dpopKeyPair: DpopKeyPair | null
  /** Claims of a verified ID token, or `null` without an ID token. After a refresh they replace the earlier ones. */
  readonly claims: Claims | null
}

/** A completed sign-in: the user and the tokens. */
export interface Grant extends TokenSet {
  readonly claims: Claims
  /** Claims that the userinfo response adds to those of the ID token; a refresh keeps them. @default none */
  readonly userInfo?: Claims
  readonly issuer: string
  readonly subject: string
  /** `sid`, or `null`. */
  readonly providerSessionId: string | null
  /** `session_state`, or `null`. */
  readonly sessionState: string | null
}

/** The tokens of a sign-in that was refused after they were issued. */
export interface RefusedGrant extends Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'> {
  readonly issuer: string
  /** `null` when it is unknown. */
  readonly subject: string | null
}

export interface RefreshRequest {
  readonly refreshToken: string
  /** The session's key, kept across refreshes (DPO-13); `null` for Bearer sessions. */
  readonly dpopKeyPair: DpopKeyPair | null
  /** The issuer that the refreshed tokens must have (OpenID Connect Core §12.2, RFT-14). */
  readonly issuer: string | null
  readonly subject: string
  /** The granted scope, which may shrink but not grow (RFC 6749 §6, RFT-15); `null` when unknown. */
  readonly scope: string | null
  readonly signal?: AbortSignal
}

export interface RevocationRequest {
  readonly token: string
  readonly hint: 'refresh_token' | 'access_token'
  readonly dpopKeyPair: DpopKeyPair | null
  /** Aborts when core does not wait for the response any more. */
  readonly signal?: AbortSignal
}

export interface EndSessionRequest {
  readonly idToken: string | null
  /** The absolute URL to which the provider sends the browser back. */
  readonly postLogoutRedirectUri: string
  /** `null` when there is no state to return. */
  readonly state: string | null
  /** `sub` of the user, for providers that take a `logout_hint`; `null` when unknown. */
  readonly subject: string | null
}

/** A verified logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
export interface LogoutTokenClaims {
  readonly issuer: string
  readonly subject: string | null
  readonly providerSessionId: string | null
  readonly jti: string
  /** Epoch seconds. */
  readonly issuedAt: number
  /** Epoch seconds. */
  readonly expiresAt: number
}

/**
 * Signs users in. `@bff/oidc` implements it with OpenID Connect.
 *
 * Each kind of failure has its own code, because core treats them differently (RFC 6749 §5.2, RFT-07, RFT-08):
 * - `login_cancelled`: the user cancelled, or the provider refused.
 * - `login_failed`: the sign-in did not complete; the message may name the provider's error code.
 * - `refresh_rejected`: final, read from the provider's own JSON response.
 * - `provider_unavailable`: temporary; it says nothing about the session.
 * - `provider_misconfigured`: the operator must correct the configuration; sessions stay.
 */
export interface IdentityProvider extends WithInsecureOptions {
  /** @throws BffError `provider_unavailable`, `provider_misconfigured` */
  authorize(request: AuthorizationRequest): Promise<AuthorizationRedirect>
  /**
   * Completes the sign-in from the callback's full URL.
   *
   * @throws BffError `login_cancelled`, `login_failed`, `provider_unavailable`, `provider_misconfigured`
   */
  exchange(
    callback: {
      readonly url: string
      readonly state: string
      readonly signal?: AbortSignal
      /** Receives the tokens that the provider issued to a sign-in which is then refused, so that core revokes them. */
      readonly onRefused?: (grant: RefusedGrant) => void
    },
    transaction: ProviderTransaction,
  ): Promise<Grant>
  /** @throws BffError `refresh_rejected`, `provider_unavailable`, `provider_misconfigured` */
  refresh(request: RefreshRequest): Promise<TokenSet>
  /**
   * Revokes a token. Resolves also when the provider has no revocation endpoint. Core tries again after
   * `provider_unavailable`.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`
   */
  revoke(request: RevocationRequest): Promise<void>
  /**
   * Returns whether sign-ins of one user at `issuer` may share a grant, so that revoking a token of one may revoke the
   * others (RFC 7009 §2.1). Return `true` when you do not know.
   */
  sharesGrants(issuer: string | null): boolean
  /** Returns the URL at which the user signs out at the provider, or `null` when the provider has none. */
  endSessionUrl(request: EndSessionRequest): Promise<string | null>
  /** @throws BffError `bad_request` when the token is not a valid logout token, `provider_unavailable` */
  verifyLogoutToken(jwt: string): Promise<LogoutTokenClaims>
}
