import type { Clock } from '../../packages/core/src/index.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** A clock that only moves when told to. */
export interface ManualClock extends Clock {
  /** How many sleeps are pending. */
  readonly sleepers: number
  /** Sets the time of day by `ms`, as an operator or NTP does: no time passes. */
  step(ms: number): void
  /** Moves the time by `ms`, waking each sleep at its own instant, in order, and letting its work run. */
  advance(ms: number): Promise<void>
  /** Moves the time by `ms` at once, and wakes what slept until then; nothing of it has run when this returns. */
  jump(ms: number): void
  /** Moves the time from sleep to sleep until `work` settles; throws when it waits for something else. */
  run<T>(work: Promise<T>): Promise<T>
  /** Lets everything run that needs no time to pass. */
  settle(): Promise<void>
}

/** Microtasks, and the few event-loop turns that WebCrypto or a local socket take. */
const TURNS_BEFORE_STUCK = 200
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let now = start
  let stepped = 0
  const pending = new Set<Sleeper>()

  const earliest = (until: number): Sleeper | null => {
    let first: Sleeper | null = null
    for (const sleeper of pending) {
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
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          pending.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          due: now + ms,
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
      for (let idle = 0; !settled; idle++) {
        await turn()
        if (settled) break
        const next = earliest(Number.POSITIVE_INFINITY)
        if (next !== null) {
          wake(next)
          idle = 0
        } else if (idle > TURNS_BEFORE_STUCK) {
          throw new Error('The work waits for something other than this clock.')
        }
      }
      return work
    },
    settle: turn,
  }
}
