import type { JWK } from 'jose'
import { DEFAULT_USERS, type Users } from './accounts.ts'

/** The options of {@link startProvider}. */
export interface ProviderOptions {
  /** TCP port; `0` takes a free one. @default 0 */
  readonly port?: number
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /**
   * Origins of the apps that sign in here. Each may come back to `<origin>/bff/callback` and, after a logout, to
   * `<origin>/bff/logout/callback`; the first hears of logouts at `<origin>/bff/backchannel-logout`.
   * @default ['http://localhost:3000']
   */
  readonly appOrigins?: readonly string[]
  /** Replaces the redirect URIs derived from `appOrigins`. */
  readonly redirectUris?: readonly string[]
  /** Replaces the post-logout redirect URIs derived from `appOrigins`. */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Replaces the back-channel logout URI derived from `appOrigins`; `null` turns it off. */
  readonly backchannelLogoutUri?: string | null
  /** Logout tokens name a session by `sid`; `false`: they name the user alone. @default true */
  readonly backchannelLogoutNamesSession?: boolean
  /**
   * Who can sign in, with any password: the claims of each user by user name, which is the `sub`. The ID token contains
   * `name`, `given_name`, `family_name` and `preferred_username` for the scope `profile`, `email` and `email_verified` for
   * `email`, and all other claims always. `user-0`, `user-1` and so on can sign in too.
   * @default alice and bob
   */
  readonly users?: Users
  /** Audience of the access tokens. @default 'http://localhost:3002' */
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
  /** Seconds. @default 60 */
  readonly accessTokenLifetime?: number
  /** Seconds. @default 1_209_600 (14 days) */
  readonly refreshTokenLifetime?: number
  /** Seconds. @default 3600 */
  readonly idTokenLifetime?: number
  /** Each refresh answers with a new refresh token; using an old one again revokes the grant. @default true */
  readonly rotateRefreshTokens?: boolean
  /** Name the life of refresh tokens in token answers, as `refresh_expires_in`, like Keycloak. @default false */
  readonly announceRefreshTokenLifetime?: boolean
  /**
   * What a user's sign-ins with one client share. Revoking a refresh token ends its grant (RFC 7009 2.1): with `user`
   * every session of the user with it, with `sign-in` that one. @default 'user'
   */
  readonly grants?: 'user' | 'sign-in'
  /** The status of `{"error":"invalid_grant"}`: 400 says RFC 6749 5.2, 403 Auth0. @default 400 */
  readonly invalidGrantStatus?: 400 | 403
  /**
   * Seconds in which a refresh token that was used once is taken again, for clients that lost the answer; after that,
   * using it again revokes the grant. @default 0
   */
  readonly reuseGrace?: number
  /** Refuse DPoP proofs without a nonce of ours (RFC 9449 8). @default false */
  readonly requireDpopNonces?: boolean
  /** Private signing keys, RSA (RS256) or P-256 (ES256); the first one signs. @default one fresh P-256 key */
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
