import type { BffErrorCode } from './error-codes.ts'
import type { SessionHandle } from './session.ts'

/** The topics of the {@link EventBus}. */
export type Topic =
  | 'auth.logout'
  | 'session.created'
  | 'session.revoked'
  | 'session.refreshed'
  | 'session.expired'
  | 'cache.pulse'

/** The session that an event is about. */
export interface AboutSession {
  readonly handle: SessionHandle
  readonly userId: string
}

/** The members of the event `auth.logout`, by the way of the sign-out. Plugins can add to it, as to {@link BffEventMap}. */
export interface LogoutEventMap {
  local: AboutSession
  rp: AboutSession
  backchannel: AboutSession
  frontchannel: AboutSession
}

/** The members of `auth.logout`, for each way of signing out. */
export type LogoutEvent = {
  [By in keyof LogoutEventMap]: { readonly by: By } & LogoutEventMap[By]
}[keyof LogoutEventMap]

/** The request that an event is about. */
export interface AboutRequest {
  /** From the option `clientAddress`; `null` when it is unknown. */
  readonly ipAddress: string | null
  /** At most 500 characters. */
  readonly userAgent: string | null
}

/**
 * The members of each event, by type. No member ever holds a token, cookie, key or secret.
 *
 * A plugin adds its own events by declaration merging. The console shows those with the `severity` `warning` when the app
 * has no `onEvent`.
 *
 * @example
 * ```ts
 * import type { PluginFactory } from '@bff/core'
 *
 * declare module '@bff/core' {
 *   interface BffEventMap {
 *     'shop.fraud': { readonly userId: string; readonly severity: 'warning' }
 *   }
 * }
 *
 * export const shop: PluginFactory = ({ emit }) => ({
 *   onSignIn: async ({ userId }) => emit({ type: 'shop.fraud', userId, severity: 'warning' }),
 * })
 * ```
 */
export interface BffEventMap {
  'auth.logout': LogoutEvent
  'session.created': AboutSession
  'session.revoked': { readonly reasonCode: string; readonly actorType: string } & AboutSession
  'session.refreshed': AboutSession
  'session.expired': { readonly limit: 'idle' | 'absolute' | 'refresh_token' | 'access_token' } & AboutSession
  'session.rotated': AboutSession
  'session.updated': { readonly changed: readonly string[] } & AboutSession
  'session.theft': { readonly rotatedAt: number } & AboutSession
  'session.unknown': object
  'session.surge': { readonly max: number; readonly windowMs: number }
  'session.refused': {
    readonly reason: 'size_exceeded' | 'not_serializable'
    readonly bytes: number | null
    readonly maxBytes: number
  }
  'device.bound': AboutSession
  'device.unproven': {
    readonly reason: 'missing' | 'expired' | 'invalid' | 'skipped'
    readonly severity: 'warning'
  } & AboutSession &
    AboutRequest
  'device.theft': {
    readonly reason: 'other_key' | 'second_registration'
    readonly severity: 'warning'
  } & AboutSession &
    AboutRequest
  'device.refused': { readonly reason: 'challenge' | 'proof' } & AboutRequest
  'login.started': object
  'login.succeeded': AboutSession
  'login.failed': { readonly code: BffErrorCode; readonly reason: string; readonly cause: unknown }
  'logout.failed': { readonly code: BffErrorCode; readonly reason: string }
  'refresh.transient': { readonly code: BffErrorCode } & AboutSession
  'refresh.terminal': { readonly code: BffErrorCode } & AboutSession
  'refresh.discarded': { readonly reason: 'session_ended' | 'superseded' | 'store_failed' } & AboutSession
  'refresh.subject_mismatch': AboutSession
  'dpop.nonce_retry': { readonly origin: string }
  'csrf.rejected': { readonly reason: string; readonly path: string }
  'cookie.duplicate': object
  'ip.malformed': { readonly header: string }
  'rate.limited': { readonly policy: string; readonly path: string }
  'proxy.denied': { readonly code: BffErrorCode; readonly path: string }
  'proxy.failed': { readonly code: BffErrorCode; readonly route: string; readonly cause: unknown }
  'crypto.decrypt_failed': { readonly field: string; readonly recordId: string; readonly reason: string }
  'crypto.key_worn': { readonly keyId: string; readonly encryptions: number }
  'store.unavailable': { readonly operation: string; readonly cause: unknown }
  'cleanup.done': { readonly deleted: number }
  'cleanup.failed': { readonly cause: unknown }
  'bus.failed': { readonly topic: Topic; readonly failures: number; readonly cause: unknown }
  'hook.failed': { readonly hook: string; readonly cause: unknown }
  'provider.failed': { readonly operation: string; readonly code: BffErrorCode; readonly cause: unknown }
  'revocation.dropped': {
    readonly reason: 'queue_full' | 'refused' | 'gave_up' | 'closed' | 'other_provider' | 'unread'
    /** `null` when it is unknown. */
    readonly userId: string | null
  }
  'revocation.incomplete': {
    /** How many sessions are revoked. */
    readonly revoked: number
    readonly reasonCode: string
    readonly actorType: string
    /** `null` when the sessions were not named by a user. */
    readonly userId: string | null
    readonly cause: unknown
  }
  'request.failed': { readonly code: BffErrorCode; readonly path: string; readonly cause: unknown }
  'cache.on': object
  'cache.off': { readonly cause: unknown }
  /** Only on the event bus: a session cache sends it to itself. `handle` names the cache. */
  'cache.pulse': { readonly handle: SessionHandle; readonly sentAt: number }
  'clock.skewed': { readonly behindMs: number }
  'config.insecure': { readonly option: string; readonly message: string }
}

/** An event without its time. */
export type BffEventDetail = {
  [Type in keyof BffEventMap]: { readonly type: Type } & BffEventMap[Type]
}[keyof BffEventMap]

/** An event with the time it happened. */
export type BffEvent = BffEventDetail & {
  /** Epoch milliseconds. */
  readonly at: number
}

/** An event of one of the types `T`. */
export type BffEventOf<T extends BffEvent['type']> = Extract<BffEvent, { type: T }>

/** Emits one event; never throws. Core adds the time. */
export type Emit = (event: BffEventDetail) => void
