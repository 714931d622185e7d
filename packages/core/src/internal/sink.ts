import type { Clock } from '../contracts/clock.ts'
import type { BffEvent, Emit } from '../contracts/events.ts'

const ignore = () => {}

type Sink = (event: BffEvent) => void

/**
 * The app's sink, from which no fault reaches the request, or ends the process: a broken audit sink must not break signing in
 * (LOG-05).
 */
export const guarded =
  (onEvent: Sink | undefined): Sink =>
  (event) => {
    try {
      // A sink may be an async function, which fails later.
      const told: unknown = onEvent?.(event)
      if (told instanceof Promise) told.catch(ignore)
    } catch {
      // LOG-05
    }
  }

/** Stamps events and hands them to the app's sink, guarded. */
export function sinkOf(onEvent: Sink | undefined, clock: Pick<Clock, 'now'>): Emit {
  const tell = guarded(onEvent)
  return (detail) => tell({ ...detail, at: clock.now() })
}
