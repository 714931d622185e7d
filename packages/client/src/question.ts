/** Sends one request to the server at a time, and ignores an outdated response. */
export interface Question {
  /** Asks, or waits for the response under way. */
  ask(): Promise<void>
  /** Marks a response under way as outdated: it is ignored, and the request is sent again. */
  outdate(): void
  readonly isOpen: boolean
}

/** @param read asks the server, never rejects, and returns the function that applies the response. */
export function createQuestion(read: () => Promise<() => void>, onSettled: () => void): Question {
  let edition = 0
  let asking: Promise<void> | null = null

  async function run(): Promise<void> {
    for (;;) {
      const asked = edition
      const settle = await read()
      if (asked === edition) {
        asking = null
        settle()
        return onSettled()
      }
    }
  }

  return {
    ask: () => {
      asking ??= run()
      return asking
    },
    outdate: () => {
      edition++
    },
    get isOpen() {
      return asking !== null
    },
  }
}
