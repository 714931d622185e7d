import type { BffErrorCode } from './error-codes.ts'
import type { SessionHandle } from './session.ts'

/** Topics that cross processes on the {@link EventBus}. */
export type Topic =
  | 'auth.logout'
  | 'session.created'
  | 'session.revoked'
  | 'session.refreshed'
  | 'session.expired'

interface AboutSession {
  readonly handle: SessionHandle
  readonly userId: string
}

/** What happened, by type (LOG-04). No member ever holds a token, cookie, key or secret (LOG-01). */
export type BffEventDetail =
  | ({ readonly type: 'auth.logout'; readonly by: 'local' | 'rp' | 'backchannel' } & AboutSession)
  | {
      readonly type: 'auth.logout'
      readonly by: 'wallet'
      /** EIP-55. */
      readonly user_address: string
      /** `jti` of the refresh token that signed out (S4-22). */
      readonly token_id: string
    }
  | ({ readonly type: 'session.created' } & AboutSession)
  | ({
      readonly type: 'session.revoked'
      readonly reasonCode: string
      readonly actorType: string
    } & AboutSession)
  | ({ readonly type: 'session.refreshed' } & AboutSession)
  | ({
      readonly type: 'session.expired'
      readonly limit: 'idle' | 'absolute' | 'refresh_token' | 'access_token'
    } & AboutSession)
  | ({ readonly type: 'session.rotated' } & AboutSession)
  | ({ readonly type: 'session.theft'; readonly rotatedAt: number } & AboutSession)
  | { readonly type: 'session.unknown' }
  | { readonly type: 'session.surge'; readonly max: number; readonly windowMs: number }
  | {
      readonly type: 'session.refused'
      readonly reason: 'size_exceeded' | 'not_serializable'
      readonly bytes: number | null
      readonly maxBytes: number
    }
  | { readonly type: 'login.started' }
  | ({ readonly type: 'login.succeeded' } & AboutSession)
  | {
      readonly type: 'login.failed'
      readonly code: BffErrorCode
      readonly reason: string
      readonly cause: unknown
    }
  | { readonly type: 'logout.failed'; readonly code: BffErrorCode; readonly reason: string }
  | ({ readonly type: 'refresh.transient'; readonly code: BffErrorCode } & AboutSession)
  | ({ readonly type: 'refresh.terminal'; readonly code: BffErrorCode } & AboutSession)
  | ({
      readonly type: 'refresh.discarded'
      readonly reason: 'session_ended' | 'superseded' | 'store_failed'
    } & AboutSession)
  | ({ readonly type: 'refresh.subject_mismatch' } & AboutSession)
  | { readonly type: 'dpop.nonce_retry'; readonly origin: string }
  | { readonly type: 'wallet.challenged' }
  | { readonly type: 'wallet.signed_in'; readonly userId: string; readonly wallet: 'key' | 'contract' }
  | { readonly type: 'wallet.refused'; readonly reason: string }
  | {
      readonly type: 'wallet.family_revoked'
      readonly userId: string
      readonly reason: 'reuse' | 'wallet_refused'
    }
  | { readonly type: 'csrf.rejected'; readonly reason: string; readonly path: string }
  | { readonly type: 'cookie.duplicate' }
  | { readonly type: 'ip.malformed'; readonly header: string }
  | { readonly type: 'rate.limited'; readonly policy: string; readonly path: string }
  | { readonly type: 'proxy.denied'; readonly code: BffErrorCode; readonly path: string }
  | {
      readonly type: 'proxy.failed'
      readonly code: BffErrorCode
      readonly route: string
      readonly cause: unknown
    }
  | {
      readonly type: 'crypto.decrypt_failed'
      readonly field: string
      readonly recordId: string
      readonly reason: string
    }
  | { readonly type: 'crypto.key_worn'; readonly keyId: string; readonly encryptions: number }
  | { readonly type: 'store.unavailable'; readonly operation: string; readonly cause: unknown }
  | { readonly type: 'cleanup.done'; readonly deleted: number }
  | { readonly type: 'cleanup.failed'; readonly cause: unknown }
  | { readonly type: 'bus.failed'; readonly topic: Topic; readonly failures: number; readonly cause: unknown }
  | { readonly type: 'hook.failed'; readonly hook: string; readonly cause: unknown }
  | {
      readonly type: 'provider.failed'
      readonly operation: string
      readonly code: BffErrorCode
      readonly cause: unknown
    }
  | {
      readonly type: 'revocation.dropped'
      readonly reason: 'queue_full' | 'refused' | 'gave_up' | 'closed'
      /** `null` when nobody can tell. */
      readonly userId: string | null
    }
  | {
      readonly type: 'request.failed'
      readonly code: BffErrorCode
      readonly path: string
      readonly cause: unknown
    }
  | { readonly type: 'clock.skewed'; readonly behindMs: number }
  | { readonly type: 'config.insecure'; readonly option: string; readonly message: string }

/** An event with the time it happened. */
export type BffEvent = BffEventDetail & {
  /** Epoch milliseconds. */
  readonly at: number
}

/** An event of one of the types `T`. */
export type BffEventOf<T extends BffEvent['type']> = Extract<BffEvent, { type: T }>

/**
 * Carries events between processes. At-most-once: what must be certain is in the stores.
 *
 * Laws (each is a test of the store suite):
 *
 * - EB-01 A published event reaches every subscriber of its topic, in order of publishing per publisher.
 * - EB-02 A subscriber of another topic does not see it.
 * - EB-03 After `unsubscribe` resolves, the handler is not called any more; unsubscribing twice is harmless.
 * - EB-04 A handler that throws, or whose promise rejects, harms neither the publisher nor other handlers.
 * - EB-05 Events arrive as equal plain data; changing one does not change what others see.
 */
export interface EventBus {
  /** A failure never fails the request: the core counts it and says so in a `bus.failed` event. */
  publish(topic: Topic, event: BffEvent): Promise<void>
  /** Resolves, once events flow, to the function that ends the subscription. */
  subscribe(topic: Topic, handler: (event: BffEvent) => void): Promise<() => Promise<void>>
}

/** Records one event; never throws. The core stamps the time. */
export type Emit = (event: BffEventDetail) => void
