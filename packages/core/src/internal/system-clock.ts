import type { Clock } from '../contracts/clock.ts'

/** The machine's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal, idle = false) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      if (idle) letProcessEnd(timer)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/** A timer is a number in browsers and on workerd, and an object on Node. */
function letProcessEnd(timer: object | number): void {
  if (typeof timer === 'object' && 'unref' in timer && typeof timer.unref === 'function') timer.unref()
}
