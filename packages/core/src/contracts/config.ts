import type { ApiProxyFactory } from './api-proxy.ts'
import type { Attachable } from './attachable.ts'
import type { Clock } from './clock.ts'
import type {
  CookieOptions,
  CsrfOptions,
  LoginOptions,
  LogoutOptions,
  RefreshOptions,
  SessionOptions,
} from './config-sections.ts'
import type { Encryptor } from './encryptor.ts'
import type { BffEvent } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { WithInsecureOptions } from './insecure-option.ts'
import type { OriginSource } from './origin-source.ts'
import type { PluginFactory } from './plugin.ts'
import type { RequestView } from './request-view.ts'
import type { SessionCacheFactory } from './session-cache.ts'
import type { Stores } from './stores.ts'

/** Everything {@link createBff} takes. Unknown keys throw `invalid_config`. All durations are milliseconds. */
export interface BffConfig<
  Metadata = Readonly<Record<string, unknown>>,
  PublicKey extends string = keyof Metadata & string,
> {
  /**
   * The public origin that browsers see, such as `https://app.example.com`. No request can change it. Plain http is valid
   * only for this machine: `http://localhost`, `http://127.0.0.1` and names such as `http://shop.localhost`, with any port.
   * For several origins, `origins()` of `@bff/core/origins`: the host of a request then chooses among them.
   */
  readonly origin: string | OriginSource
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
  /** The path of the endpoints. With `/` they are `/login`, `/callback` …, and every other path is the app's. @default `/bff` */
  readonly basePath?: string
  /**
   * Further origins, such as `https://www.example.com`, to whose pages `returnTo` may lead after sign-in and sign-out: as
   * `https://www.example.com/path`. @default none
   */
  readonly returnToOrigins?: readonly string[]
  readonly cookie?: CookieOptions
  readonly session?: SessionOptions<Metadata, PublicKey>
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
  readonly clientAddress?: ((request: RequestView) => string | null) & WithInsecureOptions & Attachable
  /**
   * Keeps session records in memory, so that not every request reads the store: `sessionCache()` of `@bff/core/store`. A
   * sign-out at another process is then seen up to a second later. @default none: each request reads the store
   */
  readonly cache?: SessionCacheFactory
  readonly hooks?: Hooks<Metadata>
  /** Receives every event, for audit and operations. @default failures and warnings go to `console.warn` */
  readonly onEvent?: (event: BffEvent) => void
  /** The clock, for tests. Every part that has none of its own gets it. @default the system's clock */
  readonly clock?: Clock
}

/** The options of `createParts`: the configuration without the options that only endpoints use. */
export type PartsConfig<Metadata = Readonly<Record<string, unknown>>> = Omit<
  BffConfig<Metadata>,
  'basePath' | 'returnToOrigins' | 'session' | 'login' | 'logout' | 'proxy' | 'plugins' | 'cache' | 'hooks'
> & {
  readonly session?: Omit<SessionOptions<Metadata>, 'publicMetadata'>
  readonly logout?: Pick<LogoutOptions, 'revokeTokens'>
  readonly hooks?: Omit<Hooks<Metadata>, 'onCreateSession' | 'onUserClaims' | 'onLogout'>
}
