import type { Clock } from './clock.ts'
import type { CsrfPolicy } from './csrf.ts'
import type { RevocationPolicy } from './token-revocation.ts'

/** The attributes of a cookie that the configuration determines. */
export interface CookiePolicy {
  /** Whether the origin is https. */
  readonly secure: boolean
  readonly sameSite: 'strict' | 'lax'
}

/** A configuration with every default filled in and every value checked. Durations are milliseconds. */
export interface ResolvedOptions {
  /** The public origin, such as `https://app.example.com`. */
  readonly origin: string
  /** Whether `origin` is https. */
  readonly secure: boolean
  readonly basePath: string
  readonly cookieName: string
  readonly sessionCookie: CookiePolicy
  readonly loginCookie: CookiePolicy
  readonly csrf: CsrfPolicy
  readonly session: {
    readonly idleTimeoutMs: number
    readonly absoluteTimeoutMs: number
    readonly touchShare: number
    readonly rotationGraceMs: number
    readonly maxPerUser: number
    readonly endWithAccessToken: boolean
  }
  readonly login: {
    readonly transactionTtlMs: number
    readonly maxPending: number
    readonly returnTo: string
    readonly errorPath: string
    readonly parameters: Readonly<Record<string, string>>
  }
  readonly logout: {
    readonly returnTo: string
    readonly endProviderSession: boolean
    readonly revokeTokens: RevocationPolicy
  }
  readonly refresh: {
    readonly thresholdMs: number
    readonly defaultTokenLifeMs: number
    readonly leaseMs: number
    readonly waitMs: number
  }
  readonly clock: Clock
}
