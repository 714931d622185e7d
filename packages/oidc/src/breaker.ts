import { BffError, type Clock } from '@bff/core'
import { createLru } from '@bff/core/authoring'
import { type Circuit, createCircuit } from './circuit.ts'

const FAILURES_TO_OPEN = 5
const LONGEST_PAUSE_MS = 4_000
/** Longer than the pauses of all others: a source that failed as the probe is not the next probe. */
const LONGEST_OWN_PAUSE_MS = 8_000
const MAX_SOURCES = 1_000

/**
 * Stops calls to one endpoint of a provider while it does not answer, so that callers need not wait for it.
 *
 * After five failures in a row it stops the calls of their source, such as a user. After failures of five sources, without a
 * success in between, it stops all calls, so that one source alone cannot block others. One call then probes in every pause,
 * also while an earlier probe is under way. Pauses grow from 1 to 4 seconds for all, and to 8 seconds for a source.
 */
export interface Breaker {
  /** @throws BffError `provider_unavailable` with `retryAfter` while the calls of `source`, or of all, are stopped */
  admit(source: string): Permit
  /** Throws as {@link Breaker.admit} does while all calls are stopped: for calls whose outcome does not count. */
  check(): void
}

/** Settle it exactly once; later calls have no effect. */
export interface Permit {
  succeeded(): void
  /** @param retryAfter seconds from the provider's `Retry-After`; `null` without one */
  failed(retryAfter: number | null): void
  /** The caller stopped waiting: the result is unknown. */
  abandoned(): void
}

interface Source {
  failures: number
  readonly circuit: Circuit
}

export function createBreaker(clock: Clock): Breaker {
  const everybody = createCircuit(clock, LONGEST_PAUSE_MS)
  const sources = createLru<Source>(MAX_SOURCES)
  /** The sources that failed since the last success of any. */
  const failing = new Set<string>()

  const sourceOf = (name: string): Source => {
    const known = sources.get(name)
    if (known !== undefined) return known
    const source = { failures: 0, circuit: createCircuit(clock, LONGEST_OWN_PAUSE_MS) }
    sources.set(name, source)
    return source
  }

  const refuseWithin = (waitMs: number): void => {
    if (waitMs > 0) throw unavailable(Math.ceil(waitMs / 1000))
  }

  return {
    check: () => refuseWithin(everybody.waitMs()),
    admit: (name) => {
      const source = sourceOf(name)
      refuseWithin(Math.max(source.circuit.waitMs(), everybody.waitMs()))
      const ownProbe = source.circuit.probe()
      const probe = everybody.probe()
      let settled = false
      const once = (outcome: () => void): void => {
        if (settled) return
        settled = true
        outcome()
      }
      return {
        succeeded: () =>
          once(() => {
            source.failures = 0
            source.circuit.close()
            everybody.close()
            failing.clear()
          }),
        failed: (retryAfter) =>
          once(() => {
            source.failures += 1
            const isProbe = probe !== null && everybody.isOpen()
            if (ownProbe !== null) ownProbe.failed(retryAfter, isProbe)
            else if (isProbe || source.failures === FAILURES_TO_OPEN) source.circuit.open(retryAfter, isProbe)
            probe?.failed(retryAfter)
            if (failing.size < FAILURES_TO_OPEN) failing.add(name)
            if (failing.size === FAILURES_TO_OPEN && !everybody.isOpen()) everybody.open(retryAfter)
          }),
        abandoned: () =>
          once(() => {
            ownProbe?.abandoned()
            probe?.abandoned()
          }),
      }
    },
  }
}

function unavailable(retryAfter: number): BffError {
  return new BffError(
    'provider_unavailable',
    'The identity provider has not answered several times in a row. Try again shortly.',
    { retryAfter },
  )
}
