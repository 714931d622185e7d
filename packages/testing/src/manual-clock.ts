import type { Clock } from '@bff/core'

interface Sleeper {
  readonly due: number
  readonly idle: boolean
  readonly wake: () => void
}

/** A clock that moves only when a test moves it. */
export interface ManualClock extends Clock {
  /** How many sleeps are pending. */
  readonly sleepers: number
  /** Sets the time of day by `ms`, as an operator or NTP does: no time passes. */
  step(ms: number): void
  /** Moves the time by `ms`, waking each sleep at its own instant, in order, and letting its work run. */
  advance(ms: number): Promise<void>
  /** Moves the time by `ms` at once, and wakes what slept until then; nothing of it has run when this returns. */
  jump(ms: number): void
  /**
   * Moves the time from sleep to sleep until `work` settles; throws when it waits for something else. Idle sleeps wake on the
   * way, but time does not move for them alone: a loop of the BFF always has one.
   */
  run<T>(work: Promise<T>): Promise<T>
  /** Lets everything run that needs no time to pass. */
  settle(): Promise<void>
}

/** How long the work may wait for a thread of WebCrypto or a local socket, which a busy machine gives late. */
const REAL_MS_BEFORE_STUCK = 4_000
/** Turns to take at once; after them the event loop waits, or it would keep the threads from their processor. */
const QUICK_TURNS = 200
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

/**
 * Returns a clock for `createBff`, which gives it to its parts.
 *
 * @param start epoch milliseconds, 1 January 2030 by default
 *
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 * import { manualClock } from '@bff/testing'
 *
 * const clock = manualClock()
 * const origin = 'https://app.example.com'
 * createBff({ origin, store: memoryStore(), encryptionKeys: [generateEncryptionKey()], clock })
 * await clock.advance(60_000)
 * ```
 */
export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let now = start
  let stepped = 0
  const pending = new Set<Sleeper>()

  const earliest = (until: number, { orIdle } = { orIdle: true }): Sleeper | null => {
    let first: Sleeper | null = null
    for (const sleeper of pending) {
      if (sleeper.idle && !orIdle) continue
      if (sleeper.due <= until && (first === null || sleeper.due < first.due)) first = sleeper
    }
    return first
  }
  const wake = (sleeper: Sleeper) => {
    now = Math.max(now, sleeper.due)
    sleeper.wake()
  }

  return {
    now: () => now + stepped,
    monotonic: () => now - start,
    step: (ms) => {
      stepped += ms
    },
    sleep: (ms, signal, idle = false) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          pending.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          due: now + ms,
          idle,
          wake: () => {
            pending.delete(sleeper)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        pending.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    get sleepers() {
      return pending.size
    },
    jump(ms) {
      const end = now + ms
      for (let next = earliest(end); next !== null; next = earliest(end)) wake(next)
      now = end
    },
    async advance(ms) {
      const end = now + ms
      await turn()
      for (let next = earliest(end); next !== null; next = earliest(end)) {
        wake(next)
        await turn()
      }
      now = end
      await turn()
    },
    async run(work) {
      let settled = false
      const mark = () => {
        settled = true
      }
      work.then(mark, mark)
      let quickTurns = 0
      let waitingSince = performance.now()
      while (!settled) {
        await (quickTurns++ < QUICK_TURNS ? turn() : pause())
        if (settled) break
        const goal = earliest(Number.POSITIVE_INFINITY, { orIdle: false })
        if (goal !== null) {
          wake(earliest(goal.due) ?? goal)
          quickTurns = 0
          waitingSince = performance.now()
        } else if (performance.now() - waitingSince > REAL_MS_BEFORE_STUCK) {
          throw new Error('The work waits for something other than this clock.')
        }
      }
      return work
    },
    settle: turn,
  }
}
