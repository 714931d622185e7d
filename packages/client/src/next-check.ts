import type { SessionState } from './session-state.ts'

/** How long after a session's expiry the client asks the server. */
export const AFTER_END_MS = 1_000
/** The least time between two checks by a timer, regardless of the clocks. */
const MIN_WAIT_MS = 1_000
/** The longest timer: beyond 2^31 - 1 milliseconds it would fire at once. */
const MAX_WAIT_MS = 86_400_000

export interface CheckOptions {
  readonly now: number
  readonly isVisible: boolean
  readonly pollMs: number
  readonly warnBeforeMs: number
  /** When to ask again after a failed check. */
  readonly retryAt: number
}

/** How long until the next check, in milliseconds; `null`: not before an event. */
export function nextCheck(session: SessionState, options: CheckOptions): number | null {
  const { now, isVisible, pollMs, warnBeforeMs, retryAt } = options
  const times: number[] = []
  if (isVisible && session.error !== null) times.push(retryAt)
  else if (isVisible && pollMs > 0) times.push(now + pollMs)
  if (session.status === 'signed-in') {
    times.push(session.expiresAt + AFTER_END_MS)
    if (!session.expiring) times.push(session.expiresAt - warnBeforeMs)
  }
  return times.length === 0 ? null : Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, Math.min(...times) - now))
}

const RETRY_MS = 5_000
const MAX_RETRY_MS = 60_000

/** How long to wait after a server did not answer: twice as long each time, with a jitter. */
export function retryWait(failures: number, retryAfter: number | null): number {
  const wait = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures)
  return Math.max((retryAfter ?? 0) * 1000, wait) * (1 + Math.random() / 4)
}
