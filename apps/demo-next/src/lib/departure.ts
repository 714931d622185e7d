/** How long a page waits for the event stream to say why the session has ended, in milliseconds. */
const PATIENCE_MS = 3_000

/** What a refused call says. The event stream says more, and its last event may still be under way. */
const VAGUE = new Set(['no_session', 'invalid_session'])

export interface Departure {
  /** The event stream is open. Returns the function to call when it is closed. */
  listening(): () => void
  /** Leaves, once. A vague reason waits for the event stream, and the first exact one counts. */
  leave(reason: string): void
  /** Whether a vague reason waits. */
  readonly isWaiting: boolean
}

/**
 * Leaves the page of a session that has ended, with the most exact reason.
 *
 * @param later calls `work` after this many milliseconds
 */
export function createDeparture(
  go: (reason: string) => void,
  later: (work: () => void, ms: number) => void,
): Departure {
  let streams = 0
  let waiting: string | null = null
  let isGone = false

  function finish(reason: string): void {
    if (isGone) return
    isGone = true
    waiting = null
    go(reason)
  }

  return {
    listening() {
      streams++
      let isOpen = true
      return () => {
        if (isOpen) streams--
        isOpen = false
        if (waiting !== null && streams === 0) finish(waiting)
      }
    },
    leave(reason) {
      if (!VAGUE.has(reason) || streams === 0) finish(reason)
      else if (waiting === null && !isGone) {
        waiting = reason
        later(() => finish(reason), PATIENCE_MS)
      }
    },
    get isWaiting() {
      return waiting !== null
    },
  }
}
