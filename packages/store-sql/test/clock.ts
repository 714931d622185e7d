import { type Clock, systemClock } from '@bff/core'

export const START = Date.UTC(2030, 0, 1)

/** A clock that stands still until it is advanced. */
export function handClock(start = START): Clock & { advance(ms: number): void } {
  let now = start
  return {
    ...systemClock,
    now: () => now,
    monotonic: () => now - start,
    advance: (ms) => {
      now += ms
    },
  }
}
