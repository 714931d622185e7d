import type { Clock } from '@bff/core'
import { onTestFinished, vi } from 'vitest'

/** Time that stands still but for jumps; a sleep ends when a jump has passed its end. */
export interface JumpClock extends Clock {
  jump(ms: number): void
}

/**
 * Takes over `Date` in this process until the test is over, so that app, provider and API jump together. Timers of
 * others, such as those of sockets, stay real.
 */
export function jumpClock(): JumpClock {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const now = () => Date.now()
  const start = now()
  const sleepers = new Map<() => void, number>()

  return {
    now,
    monotonic: () => now() - start,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          sleepers.delete(wake)
          reject(signal?.reason)
        }
        const wake = () => {
          sleepers.delete(wake)
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.set(wake, now() + ms)
      }),
    jump: (ms) => {
      vi.setSystemTime(now() + ms)
      for (const [wake, due] of [...sleepers]) if (due <= now()) wake()
    },
  }
}
