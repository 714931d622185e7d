import type { Clock } from '../contracts/clock.ts'
import { systemClock } from './system-clock.ts'

const ignore = () => {}

/**
 * Calls `then` once after `ms` milliseconds of a clock. Returns a function that prevents it.
 *
 * The clock of the system needs no signal and no promise for that, which cost ten times as much as its timer.
 */
export function after(clock: Clock, ms: number, then: () => void): () => void {
  if (clock.sleep === systemClock.sleep) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  }
  const prevented = new AbortController()
  clock.sleep(ms, prevented.signal).then(then, ignore)
  return () => prevented.abort()
}
