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

/** The parts of {@link https://standardschema.dev | Standard Schema v1} that core calls. */
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
  /** A session expires after this many milliseconds without use. @default 28_800_000 (8 hours) */
  readonly idleTimeoutMs?: number
  /**
   * A session expires this many milliseconds after sign-in, even if it is in use. It also expires with its refresh token; a
   * session in use refreshes before that. @default 604_800_000 (7 days)
   */
  readonly absoluteTimeoutMs?: number
  /**
   * The BFF writes a use to the store once this share of the idle timeout has passed. A session that is rarely used can
   * expire earlier by up to this share. @default 0.1. From 0 to 0.5.
   */
  readonly touchShare?: number
  /**
   * A session with an access token and no refresh token expires with the access token, because it cannot call an API after
   * that. Set `false` for apps that need no API: the session stays active, and calls to an API answer 401 `token_expired`.
   *
   * @default true
   */
  readonly endWithAccessToken?: boolean
  /** After a rotation the BFF accepts the old cookie for this many milliseconds, for requests in flight. @default 30_000 */
  readonly rotationGraceMs?: number
  /** The most active sessions a user can have; a new sign-in revokes the oldest. @default 0 (no limit) */
  readonly maxPerUser?: number
  /** Validates and types `session.metadata` when a session is created. @default any JSON object */
  readonly metadata?: MetadataSchema<Metadata>
}

export interface CsrfOptions {
  /** @default `x-csrf` */
  readonly headerName?: string
  /** @default `1` */
  readonly headerValue?: string
  /** More serialised origins that may call this BFF, such as `https://www.example.com`. @default none */
  readonly allowedOrigins?: readonly string[]
}

export interface LoginOptions {
  /** The path after sign-in when the link names no `returnTo`. @default `/` */
  readonly returnTo?: string
  /** The path after a failed sign-in, with `?error=<code>` added. @default `/` */
  readonly errorPath?: string
  /** The user must complete a sign-in within this many milliseconds. @default 600_000, which is also the maximum */
  readonly transactionTtlMs?: number
  /**
   * The most sign-in attempts one browser can have at once, with at most 6 kB of cookies; a new attempt replaces the oldest.
   * @default 4
   */
  readonly maxPending?: number
  /** Parameters that the BFF sends with every authorization request. @default none */
  readonly parameters?: Readonly<Record<string, string>>
}

export interface LogoutOptions {
  /** The path after sign-out when the request names no other. @default `/` */
  readonly returnTo?: string
  /** Also sign out at the provider (RP-initiated logout). @default true */
  readonly endProviderSession?: boolean
  /**
   * When to revoke the refresh token of an ended session at the provider (RFC 7009), in the background.
   *
   * Many providers revoke the whole grant with one of its tokens, and let all sign-ins of a user share one grant (RFC 7009
   * §2.1).
   *
   * - `when-last`: only when the user has no other active session.
   * - `always`: for providers that give each sign-in its own grant.
   * - `never`: when other applications share this client's registration.
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
   * Lifetime of an access token when the provider does not name one, in milliseconds. Without a refresh token the BFF uses
   * such a token until an API refuses it. @default 300_000
   */
  readonly defaultTokenLifeMs?: number
  /**
   * How long one process may hold the lease on a session's refresh before another may try, in milliseconds. @default 30_000
   */
  readonly leaseMs?: number
  /** How long a request waits for a refresh by another process, in milliseconds. @default 10_000 */
  readonly waitMs?: number
}

/** Everything {@link createBff} takes. Unknown keys throw `invalid_config`. All durations are milliseconds. */
export interface BffConfig<Metadata = Readonly<Record<string, unknown>>> {
  /** The public origin browsers see, such as `https://app.example.com`. Never taken from a request. */
  readonly origin: string
  /** The stores, made by a store package such as `@bff/store-redis`. */
  readonly store: Stores
  /**
   * 32-byte keys as base64 or hex, newest first: the first seals, every one opens. Set exactly one of this and `encryptor`.
   */
  readonly encryptionKeys?: readonly string[]
  /** Your own encryption, such as a KMS. */
  readonly encryptor?: Encryptor
  /** Signs users in. Without a provider, login and refresh answer 501, and the app creates sessions itself. */
  readonly provider?: IdentityProvider
  /** @default `/bff` */
  readonly basePath?: string
  readonly cookie?: CookieOptions
  readonly session?: SessionOptions<Metadata>
  readonly csrf?: CsrfOptions
  readonly login?: LoginOptions
  readonly logout?: LogoutOptions
  readonly refresh?: RefreshOptions
  /** The proxy to APIs, made by `apiProxy()` of `@bff/core/proxy`. @default none */
  readonly proxy?: ApiProxyFactory
  /** Plugins, such as rate limits, back-channel logout and wallets. The first wraps all others. @default none */
  readonly plugins?: readonly PluginFactory[]
  /**
   * Returns the client's address, for sessions, limits and `X-Forwarded-For`; `null` when it is unknown.
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

/** The options of `createParts`: the configuration without the options that only endpoints use. */
export type PartsConfig<Metadata = Readonly<Record<string, unknown>>> = Omit<
  BffConfig<Metadata>,
  'basePath' | 'login' | 'logout' | 'proxy' | 'plugins' | 'hooks'
> & {
  readonly logout?: Pick<LogoutOptions, 'revokeTokens'>
  readonly hooks?: Omit<Hooks<Metadata>, 'onCreateSession' | 'onUserClaims' | 'onLogout'>
}
