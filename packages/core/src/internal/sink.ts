import type { Clock } from '../contracts/clock.ts'
import type { BffEvent, Emit } from '../contracts/events.ts'

/**
 * Stamps events and hands them to the app's sink. What goes wrong there never reaches the request: a broken audit sink
 * must not break signing in (LOG-05).
 */
export function sinkOf(onEvent: ((event: BffEvent) => void) | undefined, clock: Pick<Clock, 'now'>): Emit {
  return (detail) => {
    try {
      onEvent?.({ ...detail, at: clock.now() })
    } catch {
      // LOG-05
    }
  }
}
