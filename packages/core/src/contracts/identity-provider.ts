import type { Attachable } from './attachable.ts'
import type { WithInsecureOptions } from './insecure-option.ts'
import type { RequestView } from './request-view.ts'
import type { Claims, DpopKeyPair, TokenTarget } from './session.ts'

/** The parameters of an authorization request. */
export interface AuthorizationRequest {
  /** The BFF's own callback, absolute. */
  readonly redirectUri: string
  /** Core makes it, for one use, and binds it to the browser. */
  readonly state: string
  /** OpenID Connect parameters that the app chose: `prompt`, `login_hint`, `acr_values`, `max_age`, `ui_locales` … */
  readonly parameters: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** The request that begins the sign-in: where an app has several providers, it chooses one. */
  readonly request?: RequestView
  /** The provider of the session that the browser has, such as at a step-up. @default none */
  readonly session?: MadeBy | null
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
  /**
   * Claims of the userinfo response, which add to those of the ID token. After a refresh they replace the earlier ones.
   * @default none: the session keeps the earlier ones
   */
  readonly userInfo?: Claims | null
}

/** A completed sign-in: the user and the tokens. */
export interface Grant extends TokenSet {
  readonly claims: Claims
  readonly issuer: string
  readonly subject: string
  /** The name of the provider, where several are one; a session keeps it. @default null */
  readonly provider?: string | null
  /** `sid`, or `null`. */
  readonly providerSessionId: string | null
  /** `session_state`, or `null`. */
  readonly sessionState: string | null
}

/** The tokens of a sign-in that was refused after they were issued. */
export interface RefusedGrant extends Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'> {
  readonly issuer: string
  /** As {@link Grant.provider}. */
  readonly provider?: string | null
  /** `null` when it is unknown. */
  readonly subject: string | null
}

/** The provider that made a session, and that alone may get its tokens. */
export interface MadeBy {
  /** `null` for a session that the app made itself without naming one. */
  readonly issuer: string | null
  /** The name under which an app with several providers knows it. @default null */
  readonly provider?: string | null
}

export interface RefreshRequest extends MadeBy {
  readonly refreshToken: string
  /** The session's key, kept across refreshes (DPO-13); `null` for Bearer sessions. */
  readonly dpopKeyPair: DpopKeyPair | null
  /** `sub` of the user at the provider, which the refreshed tokens must have, as they must have `issuer` (OpenID Connect Core §12.2, RFT-14). */
  readonly subject: string
  /** The granted scope, which may shrink but not grow (RFC 6749 §6, RFT-15); `null` when unknown. */
  readonly scope: string | null
  readonly signal?: AbortSignal
}

/** A request for a token of another API, with the session's refresh token. */
export interface ApiTokenRequest extends RefreshRequest {
  readonly target: TokenTarget
}

export interface RevocationRequest extends MadeBy {
  readonly token: string
  readonly hint: 'refresh_token' | 'access_token'
  readonly dpopKeyPair: DpopKeyPair | null
  /** Aborts when core does not wait for the response any more. */
  readonly signal?: AbortSignal
}

export interface EndSessionRequest extends MadeBy {
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
export interface IdentityProvider extends WithInsecureOptions, Attachable {
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
  /**
   * Returns whether this provider made the session. Core calls `refresh`, `revoke` and `endSessionUrl` for no other: a token
   * goes to the provider that issued it, and nowhere else (ADR 0018).
   */
  isMaker(session: MadeBy): boolean
  /** @throws BffError `refresh_rejected`, `provider_unavailable`, `provider_misconfigured` */
  refresh(request: RefreshRequest): Promise<TokenSet>
  /**
   * Returns an access token for another API. Core stores no part of the response except a new refresh token, and never
   * returns the session's own token in its place (ADR 0019).
   *
   * @throws BffError `token_expired` when only a new sign-in helps, `provider_unavailable`, `provider_misconfigured` when it
   * refuses a token for this API, or has none for further APIs
   */
  apiToken(request: ApiTokenRequest): Promise<TokenSet>
  /**
   * Revokes a token. Resolves also when the provider has no revocation endpoint. Core tries again after
   * `provider_unavailable`.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`
   */
  revoke(request: RevocationRequest): Promise<void>
  /**
   * Returns whether sign-ins of one user at the provider of this session may share a grant, so that revoking a token of one may revoke the
   * others (RFC 7009 §2.1). Return `true` when you do not know.
   */
  sharesGrants(session: MadeBy): boolean
  /** Returns the URL at which the user signs out at the provider, or `null` when the provider has none. */
  endSessionUrl(request: EndSessionRequest): Promise<string | null>
  /**
   * @param request the request that brought the token
   * @throws BffError `bad_request` when the token is not a valid logout token, `provider_unavailable`
   */
  verifyLogoutToken(jwt: string, request?: RequestView): Promise<LogoutTokenClaims>
}
