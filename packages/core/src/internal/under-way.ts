import type { Clock } from '../contracts/clock.ts'
import type { Lifecycle } from '../contracts/parts.ts'
import { BffError } from './bff-error.ts'

/** Work that a shutdown must not interrupt. */
export interface UnderWay extends Lifecycle {
  /** Starts no more work. Resolves when all work under way has settled, after `limitMs` at the latest. */
  close(limitMs: number): Promise<void>
}

export function createUnderWay(clock: Pick<Clock, 'sleep'>): UnderWay {
  const running = new Set<Promise<unknown>>()
  let isClosing = false
  return {
    get isClosing() {
      return isClosing
    },
    async run(work) {
      if (isClosing) throw new BffError('shutting_down')
      const one = work()
      running.add(one)
      try {
        return await one
      } finally {
        running.delete(one)
      }
    },
    async close(limitMs) {
      isClosing = true
      const done = new AbortController()
      const limit = clock.sleep(limitMs, done.signal).catch(() => {})
      await Promise.race([Promise.allSettled(running), limit])
      done.abort()
    },
  }
}
