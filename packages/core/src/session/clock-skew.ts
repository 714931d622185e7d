import type { Clock } from '../clock.ts'
import type { Emit } from '../events.ts'
import type { SessionRecord } from './model.ts'

/** Clocks that NTP keeps differ by milliseconds; the latency of a store is far below this too. */
const TOLERATED_MS = 5_000
const QUIET_MS = 60_000

/**
 * Notices that this process's clock is behind that of another one: a record it reads was written in its future. Says
 * so once a minute at most.
 */
export function createSkewWatch(clock: Clock, emit: Emit): (record: SessionRecord, now: number) => void {
  let quietUntil = Number.NEGATIVE_INFINITY
  return ({ updatedAt, lastAccessedAt }, now) => {
    const behindMs = Math.max(updatedAt, lastAccessedAt) - now
    if (!(behindMs > TOLERATED_MS) || clock.monotonic() < quietUntil) return
    quietUntil = clock.monotonic() + QUIET_MS
    emit({ type: 'clock.skewed', behindMs })
  }
}
