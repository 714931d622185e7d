import type { Clock } from '../contracts/clock.ts'
import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import { needsRefresh } from '../internal/lifetime.ts'
import { createLru } from '../internal/lru.ts'

/** The session's share of the jitter: from 0 to below 1, the same in every process. */
function spread(handle: SessionHandle): number {
  let hash = 0
  for (let i = 0; i < handle.length; i++) hash = (hash * 31 + handle.charCodeAt(i)) % 1009
  return hash / 1009
}

/**
 * Whether the access token should be refreshed at `now`.
 *
 * Each session starts up to a tenth of the threshold later, so that many sessions of one age do not reach the provider in
 * the same second (RFT-12).
 */
export function isRefreshDue(record: SessionRecord, thresholdMs: number, now: number): boolean {
  const left = (record.accessTokenExpiresAt ?? now) - now
  // Dividing what is left by the jitter, not the threshold, keeps it true when the token's life caps the threshold.
  return needsRefresh(record, thresholdMs, now - Math.max(0, left) * 0.1 * spread(record.handle))
}

/**
 * Returns whether half of the refresh token's lifetime has passed since tokens were last received, and the session would
 * expire with it: a session in use refreshes now, even if the access token has not expired.
 *
 * A provider that never moves the expiry of the refresh token is called only a few times: each refresh halves the time left.
 */
export function isRefreshTokenAging(record: SessionRecord, now: number): boolean {
  const { refreshTokenEncrypted, refreshTokenExpiresAt: expires, accessTokenIssuedAt: issued } = record
  if (refreshTokenEncrypted === null || expires === null || issued === null) return false
  return expires < record.absoluteExpiresAt && now - issued >= expires - now
}

const MAX_PAUSE_MS = 10_000
const MAX_PAUSED_SESSIONS = 1000

/** Remembers which sessions just met an outage, so that not every request with a valid token waits for it again. */
export function createRefreshPause(clock: Pick<Clock, 'now' | 'monotonic'>): {
  /**
   * Pauses until half of the time to `end`, the token's expiry, has passed; at most ten seconds, or the provider's
   * `retryAfter` in seconds.
   */
  begin(record: SessionRecord, end: number | null, retryAfter: number | null): void
  holds(record: SessionRecord): boolean
} {
  const until = createLru<number>(MAX_PAUSED_SESSIONS)
  return {
    begin({ handle }, end, retryAfter) {
      const left = (end ?? 0) - clock.now()
      const promised = retryAfter === null ? MAX_PAUSE_MS : retryAfter * 1000
      until.set(handle, clock.monotonic() + Math.min(MAX_PAUSE_MS, promised, left / 2))
    },
    holds: ({ handle }) => clock.monotonic() < (until.get(handle) ?? Number.NEGATIVE_INFINITY),
  }
}
