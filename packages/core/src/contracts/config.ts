import type { ApiProxyFactory } from './api-proxy.ts'
import type { Clock } from './clock.ts'
import type { Encryptor } from './encryptor.ts'
import type { BffEvent } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { WithInsecureOptions } from './insecure-option.ts'
import type { PluginFactory } from './plugin.ts'
import type { RequestView } from './request-view.ts'
import type { Stores } from './stores.ts'

/** The parts of {@link https://standardschema.dev | Standard Schema v1} the core calls. */
export interface MetadataSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => MetadataResult<Output> | Promise<MetadataResult<Output>>
  }
}

/** What validating metadata comes to: the value, or what is wrong with it. */
export type MetadataResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<{ readonly message: string }> }

export interface CookieOptions {
  /** @default `__Host-Http-bff`; `bff` on an `http://localhost` origin */
  readonly name?: string
  /** @default `strict` */
  readonly sameSite?: 'strict' | 'lax'
}

export interface SessionOptions<Metadata> {
  /** A session ends after this many milliseconds without use. @default 28_800_000 (8 hours) */
  readonly idleTimeoutMs?: number
  /**
   * A session ends this many milliseconds after sign-in, whatever happens. It also ends with its refresh token, which
   * a session in use renews before that. @default 604_800_000 (7 days)
   */
  readonly absoluteTimeoutMs?: number
  /**
   * A use is written to the store once this share of the idle time has passed, so a session may end by up to this
   * share early when its uses are far apart. @default 0.1. From 0 to 0.5.
   */
  readonly touchShare?: number
  /**
   * A session that has an access token but no refresh token ends with the access token: from then on it could call no
   * API. `false` for apps that need no API: the session goes on, and calls to an API answer 401 `token_expired`.
   *
   * @default true
   */
  readonly endWithAccessToken?: boolean
  /** After a rotation the old cookie is honoured this many milliseconds for requests in flight. @default 30_000 */
  readonly rotationGraceMs?: number
  /** At most this many active sessions a user; the oldest makes room. @default 0 (no limit) */
  readonly maxPerUser?: number
  /** Validates and types `session.metadata` when a session is created. @default any JSON object */
  readonly metadata?: MetadataSchema<Metadata>
}

export interface CsrfOptions {
  /** @default `x-csrf` */
  readonly headerName?: string
  /** @default `1` */
  readonly headerValue?: string
  /** Further serialised origins, such as `https://www.example.com`, that may call this BFF. @default none */
  readonly allowedOrigins?: readonly string[]
}

export interface LoginOptions {
  /** Where to go after sign-in when the link names no `returnTo`. @default `/` */
  readonly returnTo?: string
  /** Where a failed sign-in lands, with `?error=<code>` added. @default `/` */
  readonly errorPath?: string
  /** A sign-in must be completed within this many milliseconds. @default 600_000, which is also the maximum */
  readonly transactionTtlMs?: number
  /** Sign-ins one browser may have open at once, with 6 kB of cookies at most; the oldest makes room. @default 4 */
  readonly maxPending?: number
  /** Parameters sent with every authorization request. @default none */
  readonly parameters?: Readonly<Record<string, string>>
}

export interface LogoutOptions {
  /** Where to go after sign-out when nothing else is asked for. @default `/` */
  readonly returnTo?: string
  /** Also sign out at the provider (RP-initiated logout). @default true */
  readonly endProviderSession?: boolean
  /**
   * When the refresh token of an ended session is revoked at the provider (RFC 7009), in the background.
   *
   * Many providers end the whole grant with one of its tokens, and let all sign-ins of a user share one (RFC 7009 §2.1).
   * `when-last`: only when the user has no other living session. `always`: for providers that give each sign-in a grant of
   * its own. `never`: where other applications share this client's registration.
   *
   * @default `when-last`
   */
  readonly revokeTokens?: 'when-last' | 'always' | 'never'
}

export interface RefreshOptions {
  /**
   * Refresh when less than this many milliseconds of the access token's life are left, at most a fifth of its
   * life. @default 300_000
   */
  readonly thresholdMs?: number
  /**
   * Life of an access token whose provider names none, in milliseconds. Without a refresh token such a token is used
   * until an API refuses it. @default 300_000
   */
  readonly defaultTokenLifeMs?: number
  /** How long one process may hold the refresh of a session before another may try. @default 30_000 */
  readonly leaseMs?: number
  /** How long a request waits for a refresh another process holds. @default 10_000 */
  readonly waitMs?: number
}

/** Everything {@link createBff} takes. Unknown keys throw `invalid_config`. All durations are milliseconds. */
export interface BffConfig<Metadata = Readonly<Record<string, unknown>>> {
  /** The public origin browsers see, such as `https://app.example.com`. Never taken from a request. */
  readonly origin: string
  /** Where sessions live: what a store package makes. */
  readonly store: Stores
  /**
   * 32-byte keys as base64 or hex, newest first: the first seals, every one opens. Exactly one of this and
   * `encryptor` must be given.
   */
  readonly encryptionKeys?: readonly string[]
  /** Your own sealing, such as a KMS. */
  readonly encryptor?: Encryptor
  /** Who signs people in. Without one, login and refresh answer 501 and the app creates sessions itself. */
  readonly provider?: IdentityProvider
  /** @default `/bff` */
  readonly basePath?: string
  readonly cookie?: CookieOptions
  readonly session?: SessionOptions<Metadata>
  readonly csrf?: CsrfOptions
  readonly login?: LoginOptions
  readonly logout?: LogoutOptions
  readonly refresh?: RefreshOptions
  /** APIs behind this BFF: what `apiProxy()` of `@bff/core/proxy` makes. @default none */
  readonly proxy?: ApiProxyFactory
  /** Further rooms: rate limits, back-channel logout, wallets … The first stands outermost. @default none */
  readonly plugins?: readonly PluginFactory[]
  /**
   * The address a request comes from, for sessions, limits and `X-Forwarded-For`; `null` when unknown.
   *
   * @default the socket's peer; `clientAddress()` of `@bff/core/client-address` reads it from proxies you trust
   */
  readonly clientAddress?: ((request: RequestView) => string | null) & WithInsecureOptions
  readonly hooks?: Hooks<Metadata>
  /** Receives every event, for audit and operations. @default failures and warnings go to `console.warn` */
  readonly onEvent?: (event: BffEvent) => void
  /** @default the system's clock */
  readonly clock?: Clock
}

/** What `createParts` takes: the configuration without what only endpoints use. */
export type PartsConfig<Metadata = Readonly<Record<string, unknown>>> = Omit<
  BffConfig<Metadata>,
  'basePath' | 'login' | 'logout' | 'proxy' | 'plugins' | 'hooks'
> & {
  readonly logout?: Pick<LogoutOptions, 'revokeTokens'>
  readonly hooks?: Omit<Hooks<Metadata>, 'onCreateSession' | 'onUserClaims' | 'onLogout'>
}
