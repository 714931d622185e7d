import type { WithInsecureOptions } from './insecure-option.ts'
import type { Claims, DpopKeyPair } from './session.ts'

/** How a sign-in should be asked for. */
export interface AuthorizationRequest {
  /** The BFF's own callback, absolute. */
  readonly redirectUri: string
  /** One-time and bound to the browser by the core. */
  readonly state: string
  /** OpenID Connect parameters the app chose: `prompt`, `login_hint`, `acr_values`, `max_age`, `ui_locales` … */
  readonly parameters: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** What must be remembered until the callback: JSON, sealed by the core, opaque to it. */
export type ProviderTransaction = Readonly<Record<string, unknown>>

export interface AuthorizationRedirect {
  /** Where the browser goes. */
  readonly url: string
  readonly transaction: ProviderTransaction
}

/** What a token endpoint granted. Lives are seconds, as on the wire. */
export interface TokenSet {
  readonly accessToken: string
  /** Seconds, or `null` when the provider did not say. */
  readonly expiresIn: number | null
  /** `null`: none was issued, keep the one there is (RFT-01). */
  readonly refreshToken: string | null
  /** Seconds, or `null` when unknown. */
  readonly refreshTokenExpiresIn: number | null
  /** Kept only when the provider needs it again, as the hint at logout; else `null`. */
  readonly idToken: string | null
  /** Granted scope, or `null` when the provider did not say. */
  readonly scope: string | null
  /** Present when the tokens are bound to a key (RFC 9449), else `null`. */
  readonly dpopKeyPair: DpopKeyPair | null
  /** Claims of a verified ID token, or `null` when there was none. After a refresh they replace those before. */
  readonly claims: Claims | null
}

/** A completed sign-in: who, and with which tokens. */
export interface Grant extends TokenSet {
  readonly claims: Claims
  /** What a userinfo answer adds to the claims of the ID token; a refresh does not take it away. @default nothing */
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
  /** `null` when nobody can tell. */
  readonly subject: string | null
}

export interface RefreshRequest {
  readonly refreshToken: string
  /** The session's key, kept across refreshes (DPO-13); `null` for Bearer sessions. */
  readonly dpopKeyPair: DpopKeyPair | null
  /** What the refreshed tokens must still be about (RFT-14). */
  readonly issuer: string | null
  readonly subject: string
  /** The granted scope, which may shrink but not grow (RFT-15); `null` when unknown. */
  readonly scope: string | null
  readonly signal?: AbortSignal
}

export interface RevocationRequest {
  readonly token: string
  readonly hint: 'refresh_token' | 'access_token'
  readonly dpopKeyPair: DpopKeyPair | null
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal
}

export interface EndSessionRequest {
  readonly idToken: string | null
  /** Absolute URL the provider sends the browser back to. */
  readonly postLogoutRedirectUri: string
  /** `null` when there is nothing to come back with. */
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
 * Who signs people in. `@bff/oidc` implements it over OpenID Connect.
 *
 * Failures are told apart by code, because they end differently (RFT-07, RFT-08):
 * - `login_cancelled`: the person, or the provider for them, said no.
 * - `login_failed`: the sign-in did not complete; the message may name the provider's error code.
 * - `refresh_rejected`: terminal, parsed from the provider's own JSON answer.
 * - `provider_unavailable`: passing; nothing is known about the session.
 * - `provider_misconfigured`: the operator must act; sessions stay.
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
      /** Told of tokens that were issued to a sign-in which is then refused, so that they are revoked. */
      readonly onRefused?: (grant: RefusedGrant) => void
    },
    transaction: ProviderTransaction,
  ): Promise<Grant>
  /** @throws BffError `refresh_rejected`, `provider_unavailable`, `provider_misconfigured` */
  refresh(request: RefreshRequest): Promise<TokenSet>
  /**
   * Resolves also when the provider has no revocation endpoint. What is `provider_unavailable` is tried again.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`
   */
  revoke(request: RevocationRequest): Promise<void>
  /**
   * Whether sign-ins of one user at `issuer` may share a grant, so that revoking a token of one may end the others
   * (RFC 7009 §2.1). When in doubt, `true`.
   */
  sharesGrants(issuer: string | null): boolean
  /** Where to send the browser to sign out at the provider, or `null` when the provider has no such place. */
  endSessionUrl(request: EndSessionRequest): Promise<string | null>
  /** @throws BffError `bad_request` for anything but a valid logout token, `provider_unavailable` */
  verifyLogoutToken(jwt: string): Promise<LogoutTokenClaims>
}
