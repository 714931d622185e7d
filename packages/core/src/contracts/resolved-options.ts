import type { Clock } from './clock.ts'
import type { LoginOptions, LogoutOptions, RefreshOptions, SessionOptions } from './config-sections.ts'
import type { CsrfPolicy } from './csrf.ts'
import type { OriginSource } from './origin-source.ts'

/** The attributes of a cookie that the configuration determines. */
export interface CookiePolicy {
  /** Whether the origin is https. */
  readonly secure: boolean
  readonly sameSite: 'strict' | 'lax' | 'none'
}

/** A configuration with every default filled in and every value checked. Durations are milliseconds. */
export interface ResolvedOptions {
  /** The public origin, such as `https://app.example.com`; of several, the main one. `Parts.originOf` knows that of a request. */
  readonly origin: string
  /** `null`: there is one origin. */
  readonly origins: OriginSource | null
  readonly returnToOrigins: ReadonlySet<string>
  /** Whether `origin` is https. */
  readonly secure: boolean
  /** Without a slash at its end; empty for `/`. */
  readonly basePath: string
  readonly cookieName: string
  readonly sessionCookie: CookiePolicy & {
    /** Whether the cookie outlives the browser. */
    readonly persistent: boolean
    /** Whether each top-level site has one of its own, with `sameSite: 'none'`. */
    readonly partitioned: boolean
  }
  readonly loginCookie: CookiePolicy
  readonly csrf: CsrfPolicy
  readonly session: Required<Omit<SessionOptions<never>, 'metadata'>>
  readonly login: Required<LoginOptions>
  readonly logout: Required<LogoutOptions>
  readonly refresh: Required<RefreshOptions>
  readonly clock: Clock
}
