import type { Clock } from '@bff/core'

const FIRST_PAUSE_MS = 1_000

/** Closed, everything passes. Open, one call passes in each pause, and each failure of one doubles the pause. */
export interface Circuit {
  isOpen(): boolean
  /** Milliseconds until a call may pass; 0: now. */
  waitMs(): number
  /** Takes this pause's one call, so that the next one passes a pause later, also while this one still hangs. */
  probe(): Probe | null
  /**
   * @param retryAfter seconds for which the provider asked to be left alone, heeded up to the longest pause
   * @param isLongest whether to skip all shorter pauses
   */
  open(retryAfter: number | null, isLongest?: boolean): void
  close(): void
}

/** A call that finds out whether the circuit can close. */
export interface Probe {
  /** Parameters as of {@link Circuit.open}. */
  failed(retryAfter: number | null, isLongest?: boolean): void
  /** Nothing was learnt: another call may take its place. */
  abandoned(): void
}

export function createCircuit(clock: Pick<Clock, 'monotonic'>, longestPauseMs: number): Circuit {
  let pauseMs = 0
  let openUntil = 0

  /** A pause lasts from when the call began: one that hung for long must not put off the next by as much again. */
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
          // Closed meanwhile: what a later call found out counts for more.
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
