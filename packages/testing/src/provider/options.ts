import type { JWK } from 'jose'
import { DEFAULT_USERS, type Users } from './accounts.ts'

/** The options of {@link startProvider}. */
export interface ProviderOptions {
  /** The TCP port; `0` takes a free one. @default 0 */
  readonly port?: number
  /** The address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /**
   * The origins of the apps that sign in here. The provider redirects to `<origin>/bff/callback`, and after a sign-out to
   * `<origin>/bff/logout/callback`, of each. It sends logout tokens to `<origin>/bff/backchannel-logout` of the first.
   * @default ['http://localhost:3000']
   */
  readonly appOrigins?: readonly string[]
  /** The redirect URIs. @default derived from `appOrigins` */
  readonly redirectUris?: readonly string[]
  /** The post-logout redirect URIs. @default derived from `appOrigins` */
  readonly postLogoutRedirectUris?: readonly string[]
  /** The back-channel logout URI; `null` turns it off. @default derived from `appOrigins` */
  readonly backchannelLogoutUri?: string | null
  /** Whether logout tokens name a session by `sid`; with `false` they name only the user. @default true */
  readonly backchannelLogoutNamesSession?: boolean
  /**
   * The users who can sign in, with any password: the claims of each by user name, which is the `sub`. The ID token contains
   * `name`, `given_name`, `family_name` and `preferred_username` for the scope `profile`, `email` and `email_verified` for
   * `email`, and all other claims always. `user-0`, `user-1` and so on can sign in too.
   * @default alice and bob
   */
  readonly users?: Users
  /** The audience of the access tokens. @default 'http://localhost:3002' */
  readonly apiAudience?: string
  /** The scopes that the API knows, separated by spaces. @default 'orders' */
  readonly apiScope?: string
  /** Further APIs, for which an app asks by `resource` (RFC 8707): their scopes, by audience. @default none */
  readonly furtherApis?: Readonly<Record<string, string>>
  /**
   * Where the claims of `profile` and `email` are. `userinfo`: at the userinfo endpoint only, as OpenID Connect Core §5.4
   * describes it; an access token is then for that endpoint, unless the app asks for an API by `resource`. @default 'id_token'
   */
  readonly claimsIn?: 'id_token' | 'userinfo'
  /** How long an access token is valid, in seconds. @default 60 */
  readonly accessTokenLifetime?: number
  /** How long a refresh token is valid, in seconds. @default 1_209_600 (14 days) */
  readonly refreshTokenLifetime?: number
  /** How long an ID token is valid, in seconds. @default 3600 */
  readonly idTokenLifetime?: number
  /** Whether each refresh returns a new refresh token; a second use of an old one revokes the grant. @default true */
  readonly rotateRefreshTokens?: boolean
  /** Whether token responses have the lifetime of the refresh token, as `refresh_expires_in`, like Keycloak. @default false */
  readonly announceRefreshTokenLifetime?: boolean
  /**
   * What shares a grant: all sign-ins of a `user` with one client, or each `sign-in` has its own. Revoking a refresh token
   * revokes its grant (RFC 7009 §2.1), and with it every session that shares it. @default 'user'
   */
  readonly grants?: 'user' | 'sign-in'
  /** The status of `{"error":"invalid_grant"}`: 400 in RFC 6749 §5.2, 403 at Auth0. @default 400 */
  readonly invalidGrantStatus?: 400 | 403
  /**
   * How long a refresh token is accepted again after its first use, in seconds, for clients that lost the response. A later
   * use revokes the grant. @default 0
   */
  readonly reuseGrace?: number
  /** Whether DPoP proofs without a nonce of the provider are refused (RFC 9449 §8). @default false */
  readonly requireDpopNonces?: boolean
  /** The private signing keys, RSA (RS256) or P-256 (ES256); the first one signs. @default a new P-256 key */
  readonly jwks?: { readonly keys: readonly JWK[] }
}

export interface ProviderSettings {
  readonly issuer: string
  readonly users: Users
  readonly apiAudience: string
  readonly apiScope: string
  readonly furtherApis: Readonly<Record<string, string>>
  readonly claimsIn: 'id_token' | 'userinfo'
  readonly accessTokenLifetime: number
  readonly refreshTokenLifetime: number
  readonly idTokenLifetime: number
  readonly rotateRefreshTokens: boolean
  readonly requireDpopNonces: boolean
  readonly announceRefreshTokenLifetime: boolean
  readonly grants: 'user' | 'sign-in'
  readonly invalidGrantStatus: 400 | 403
}

const DAY = 24 * 60 * 60

export function settingsOf(options: ProviderOptions, issuer: string): ProviderSettings {
  return {
    issuer,
    users: options.users ?? DEFAULT_USERS,
    apiAudience: options.apiAudience ?? 'http://localhost:3002',
    apiScope: options.apiScope ?? 'orders',
    furtherApis: options.furtherApis ?? {},
    claimsIn: options.claimsIn ?? 'id_token',
    accessTokenLifetime: options.accessTokenLifetime ?? 60,
    refreshTokenLifetime: options.refreshTokenLifetime ?? 14 * DAY,
    idTokenLifetime: options.idTokenLifetime ?? 3600,
    rotateRefreshTokens: options.rotateRefreshTokens ?? true,
    requireDpopNonces: options.requireDpopNonces ?? false,
    announceRefreshTokenLifetime: options.announceRefreshTokenLifetime ?? false,
    grants: options.grants ?? 'user',
    invalidGrantStatus: options.invalidGrantStatus ?? 400,
  }
}
