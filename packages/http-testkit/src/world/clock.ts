import type { Clock } from '@bff/core'

/** A clock that moves only when a test moves it. */
export interface TestClock extends Clock {
  /** Moves the time by `ms`, waking each sleep at its own instant and letting its work run. */
  advance(ms: number): Promise<void>
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function testClock(start = Date.UTC(2030, 0, 1)): TestClock {
  let now = start
  const sleepers = new Set<Sleeper>()

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { due: now + ms, wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  async function advance(ms: number): Promise<void> {
    const end = now + ms
    for (;;) {
      await turn()
      const [next] = [...sleepers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
      if (next === undefined) break
      now = Math.max(now, next.due)
      next.wake()
    }
    now = end
    await turn()
  }

  return { now: () => now, monotonic: () => now - start, sleep, advance }
}
