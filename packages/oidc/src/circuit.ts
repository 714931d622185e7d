import type { Clock } from '@bff/core'

const FIRST_PAUSE_MS = 1_000

/** A closed circuit allows all calls. An open one allows one call in each pause, and each failure doubles the pause. */
export interface Circuit {
  isOpen(): boolean
  /** Returns the milliseconds until a call is allowed; 0: now. */
  waitMs(): number
  /** Takes the one call of this pause. The next one is allowed a pause later, also while this one is under way. */
  probe(): Probe | null
  /**
   * @param retryAfter seconds from the provider's `Retry-After`, respected up to the longest pause
   * @param isLongest whether to skip all shorter pauses
   */
  open(retryAfter: number | null, isLongest?: boolean): void
  close(): void
}

/** A call that finds out whether the circuit can close. */
export interface Probe {
  /** Parameters as of {@link Circuit.open}. */
  failed(retryAfter: number | null, isLongest?: boolean): void
  /** The result is unknown: another call may take its place. */
  abandoned(): void
}

export function createCircuit(clock: Pick<Clock, 'monotonic'>, longestPauseMs: number): Circuit {
  let pauseMs = 0
  let openUntil = 0

  /** A pause begins when the call began: a slow call must not delay the next one twice. */
  const pause = (ms: number, since: number, retryAfter: number | null): void => {
    const asked = clock.monotonic() + Math.min((retryAfter ?? 0) * 1000, longestPauseMs)
    pauseMs = Math.min(Math.max(ms, FIRST_PAUSE_MS), longestPauseMs)
    openUntil = Math.max(openUntil, since + pauseMs, asked)
  }

  return {
    isOpen: () => pauseMs > 0,
    waitMs: () => (pauseMs > 0 ? Math.max(0, openUntil - clock.monotonic()) : 0),
    probe: () => {
      if (pauseMs === 0) return null
      const startedAt = clock.monotonic()
      openUntil = startedAt + pauseMs
      return {
        failed: (retryAfter, isLongest = false) => {
          // It was closed in the meantime: the result of a later call counts.
          if (pauseMs > 0) pause(isLongest ? longestPauseMs : pauseMs * 2, startedAt, retryAfter)
        },
        abandoned: () => {
          openUntil = clock.monotonic()
        },
      }
    },
    open: (retryAfter, isLongest = false) =>
      pause(isLongest ? longestPauseMs : FIRST_PAUSE_MS, clock.monotonic(), retryAfter),
    close: () => {
      pauseMs = 0
      openUntil = 0
    },
  }
}
