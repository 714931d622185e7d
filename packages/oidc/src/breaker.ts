import { BffError, type Clock } from '@bff/core'

const FAILURES_TO_OPEN = 5
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Spares a provider that does not answer, and the callers that would wait for it (RFT-16).
 *
 * Five failures in a row open it: calls fail at once. After a pause, one call probes; the rest keep failing until
 * it is back. Each failed probe doubles the pause, from 1 to 30 seconds.
 */
export interface Breaker {
  /** @throws BffError `provider_unavailable` with `retryAfter` while it is open */
  admit(): Permit
  /** Like {@link Breaker.admit}, but without becoming the probe: for calls whose outcome should not count. */
  check(): void
}

/** To be settled exactly once; further calls do nothing. */
export interface Permit {
  succeeded(): void
  failed(): void
  /** The caller gave up: nothing was learnt. */
  abandoned(): void
}

export function createBreaker(clock: Clock): Breaker {
  let failures = 0
  let pauseMs = 0
  let openUntil = 0
  let probing = false

  const check = (): void => {
    const waitMs = openUntil - clock.now()
    if (waitMs > 0) throw unavailable(Math.ceil(waitMs / 1000))
  }

  const recordFailure = (wasProbe: boolean): void => {
    failures += 1
    const isProbeOfOpenBreaker = wasProbe && pauseMs > 0
    if (failures !== FAILURES_TO_OPEN && !isProbeOfOpenBreaker) return
    pauseMs = Math.min(pauseMs === 0 ? FIRST_PAUSE_MS : pauseMs * 2, LONGEST_PAUSE_MS)
    openUntil = clock.now() + pauseMs
  }

  const reset = (): void => {
    failures = 0
    pauseMs = 0
    openUntil = 0
  }

  return {
    check,
    admit: () => {
      check()
      const isProbe = pauseMs > 0
      if (isProbe && probing) throw unavailable(1)
      probing = isProbe
      let settled = false
      const settle = (outcome: () => void) => () => {
        if (settled) return
        settled = true
        if (isProbe) probing = false
        outcome()
      }
      return {
        succeeded: settle(reset),
        failed: settle(() => recordFailure(isProbe)),
        abandoned: settle(() => {}),
      }
    },
  }
}

function unavailable(retryAfter: number): BffError {
  return new BffError(
    'provider_unavailable',
    'The identity provider has not answered several times in a row. Calls are held back for a moment.',
    { retryAfter },
  )
}
