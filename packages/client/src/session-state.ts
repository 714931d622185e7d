import type { AnyMetadata } from './public-metadata.ts'

/** One claim about the signed-in user, as `GET /bff/user` lists it. A claim with several values has one entry for each. */
export interface Claim {
  readonly type: string
  readonly value: unknown
  /** An XML Schema type, such as `http://www.w3.org/2001/XMLSchema#string`, or `JSON`. */
  readonly valueType: string
}

/**
 * Why the session has ended: the BFF's own code, a sign-out in this tab (`signed_out`), or a sign-out in another tab of this
 * browser (`signed_out_elsewhere`). With `device_unproven` the session goes on in the browser it is bound to, and a sign-in
 * heals it here; with `device_required` it does not: say which browsers the app works with.
 */
export type SignedOutReason =
  | 'no_session'
  | 'session_expired'
  | 'invalid_session'
  | 'refresh_rejected'
  | 'device_unproven'
  | 'device_required'
  | 'signed_out'
  | 'signed_out_elsewhere'

/** What every state of the session says of its last check. */
export interface CheckedState {
  /**
   * Why the last check failed: the BFF's code such as `store_unavailable`, `unreachable` without a response, or `null` when
   * the server answered. The client tries again by itself.
   */
  readonly error: string | null
}

/** Unknown: not checked yet (`error` is `null`), or the server cannot say. It does not mean signed out. */
export interface UnknownState extends CheckedState {
  readonly status: 'unknown'
}

/** The user is signed out. */
export interface SignedOutState extends CheckedState {
  readonly status: 'signed-out'
  /** Why the session of this page has ended, or `null` when the page had none. */
  readonly reason: SignedOutReason | null
}

/** The user is signed in. With an `error`, they were signed in at the last response of the server. */
export interface SignedInState<Metadata = AnyMetadata> extends CheckedState {
  readonly status: 'signed-in'
  readonly userId: string
  /** `null` without an organization. */
  readonly organizationId: string | null
  /** Empty when the option `claims` is `false`. */
  readonly claims: readonly Claim[]
  /** The metadata that the BFF shows to its pages (`session.publicMetadata`); empty when it shows none. */
  readonly metadata: Metadata
  /** When the session expires without another use: epoch milliseconds of this browser's clock. */
  readonly expiresAt: number
  /** Whether `expiresAt` is at most `warnBeforeMs` away. */
  readonly expiring: boolean
  /** When the access token on the server expires, in epoch milliseconds of the server's clock; `null` when it is unknown. */
  readonly accessTokenExpiresAt: number | null
}

/** The state of a page's session. It is frozen plain data, and the same object until something in it changes. */
export type SessionState<Metadata = AnyMetadata> = UnknownState | SignedOutState | SignedInState<Metadata>

/**
 * An event for a subscriber, with the current state. `changed` is every other change: new times, claims or metadata, or the
 * server becomes unreachable or reachable.
 */
export type SessionEvent<Metadata = AnyMetadata> =
  | { readonly type: 'signed-in'; readonly session: SignedInState<Metadata> }
  | { readonly type: 'signed-out'; readonly session: SignedOutState }
  | { readonly type: 'expiring'; readonly session: SignedInState<Metadata> }
  | { readonly type: 'changed'; readonly session: SessionState<Metadata> }

export const UNKNOWN: UnknownState = Object.freeze({ status: 'unknown', error: null })

/**
 * Returns every value of one claim, in order; empty when the user is signed out or the claim is missing.
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

/** The server sends the expiry in whole seconds: a smaller difference is not a change. */
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
