import type { Clock } from '@bff/core'

/** A clock that moves only when it is told to. */
export interface ManualClock extends Clock {
  /** Sets the time of day by `ms`, as an operator or NTP does: no time passes. */
  step(ms: number): void
  /** Moves on and wakes the sleepers whose time has come. */
  advance(ms: number): void
  /** Sleepers not woken yet: what still holds a timer. */
  sleepers(): number
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export function manualClock(start = Date.UTC(2031, 4, 1)): ManualClock {
  let now = start
  let stepped = 0
  const sleepers = new Set<Sleeper>()
  return {
    now: () => now + stepped,
    monotonic: () => now - start,
    step: (ms) => {
      stepped += ms
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    advance: (ms) => {
      now += ms
      for (const sleeper of [...sleepers]) if (sleeper.at <= now) sleeper.wake()
    },
    sleepers: () => sleepers.size,
  }
}
