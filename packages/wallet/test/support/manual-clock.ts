import type { Clock } from '@bff/core'

/** A clock that only moves when told to. */
export interface ManualClock extends Clock {
  /** Moves the time, and wakes what slept until then. */
  advance(ms: number): void
}

export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let now = start
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>()
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const wake = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        const sleeper = { due: now + ms, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', stop, { once: true })
      }),
    advance(ms) {
      now += ms
      for (const { due, wake } of [...sleepers]) if (due <= now) wake()
    },
  }
}
