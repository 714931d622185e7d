/** One claim about the signed-in user, as `GET /bff/user` lists it. A claim with several values comes once for each. */
export interface Claim {
  readonly type: string
  readonly value: unknown
  /** An XML Schema type, such as `http://www.w3.org/2001/XMLSchema#string`, or `JSON`. */
  readonly valueType: string
}

/**
 * Why nobody is signed in any more: the BFF's own code, or a sign-out in this tab (`signed_out`) or in another one of this
 * browser (`signed_out_elsewhere`).
 */
export type SignedOutReason =
  | 'no_session'
  | 'session_expired'
  | 'invalid_session'
  | 'refresh_rejected'
  | 'signed_out'
  | 'signed_out_elsewhere'

interface Asked {
  /**
   * Why the server's last answer is missing: the BFF's code such as `store_unavailable`, `unreachable` when there was no
   * answer at all, or `null` when the server did answer. Asking again goes on by itself.
   */
  readonly error: string | null
}

/** Not known: not asked yet (`error` is `null`), or the server cannot say. It does not mean signed out. */
export interface UnknownState extends Asked {
  readonly status: 'unknown'
}

/** Nobody is signed in. */
export interface SignedOutState extends Asked {
  readonly status: 'signed-out'
  /** Why a session this page knew is over, or `null` when it knew none. */
  readonly reason: SignedOutReason | null
}

/** Somebody is signed in. With an `error`, they were when the server last answered. */
export interface SignedInState extends Asked {
  readonly status: 'signed-in'
  readonly userId: string
  /** `null`: in no organization. */
  readonly organizationId: string | null
  /** Empty when the client was told not to ask for them. */
  readonly claims: readonly Claim[]
  /** When the session ends if nobody uses it again: epoch milliseconds of this browser's clock. */
  readonly expiresAt: number
  /** Whether that is at most `warnBeforeMs` away. */
  readonly expiring: boolean
  /** When the access token on the server ends, epoch milliseconds of the server's clock; `null`: not known. */
  readonly accessTokenExpiresAt: number | null
}

/** What a page knows about its session. Plain data, frozen, and the same object until something in it changes. */
export type SessionState = UnknownState | SignedOutState | SignedInState

/**
 * What a subscriber hears, each time with the state as it is now. `changed` is all that is none of the others: other times
 * or claims, the server no longer reachable or reachable again.
 */
export type SessionEvent =
  | { readonly type: 'signed-in'; readonly session: SignedInState }
  | { readonly type: 'signed-out'; readonly session: SignedOutState }
  | { readonly type: 'expiring'; readonly session: SignedInState }
  | { readonly type: 'changed'; readonly session: SessionState }

export const UNKNOWN: UnknownState = Object.freeze({ status: 'unknown', error: null })

/**
 * Every value of one claim, in order; empty when nobody is signed in or the claim is missing.
 *
 * @example
 * ```ts
 * import { claimValues, createBffClient } from '@bff/client'
 *
 * const { session } = createBffClient()
 * export const [name = 'you'] = claimValues(session, 'name')
 * export const isAdmin = claimValues(session, 'role').includes('admin')
 * ```
 */
export function claimValues(session: SessionState, type: string): readonly unknown[] {
  if (session.status !== 'signed-in') return []
  return session.claims.filter((claim) => claim.type === type).map(({ value }) => value)
}

/** The server tells its end in whole seconds: less than this is no news. */
const TOLERANCE_MS = 2_000

export function isSame(before: SessionState, now: SessionState): boolean {
  if (before.status !== now.status) return false
  return Object.entries(now).every(([key, value]) => {
    const other: unknown = Reflect.get(before, key)
    return key === 'expiresAt' ? Math.abs(Number(other) - Number(value)) < TOLERANCE_MS : other === value
  })
}

export function eventOf(before: SessionState, session: SessionState): SessionEvent {
  if (session.status === 'signed-in') {
    if (before.status !== 'signed-in' || before.userId !== session.userId)
      return { type: 'signed-in', session }
    if (session.expiring && !before.expiring) return { type: 'expiring', session }
  } else if (session.status === 'signed-out' && before.status !== 'signed-out') {
    return { type: 'signed-out', session }
  }
  return { type: 'changed', session }
}
