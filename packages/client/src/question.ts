/** One question to the server at a time, and no answer to an outdated one. */
export interface Question {
  /** Asks, or waits for the answer that is on its way. */
  ask(): Promise<void>
  /** What happened just now makes an answer on its way worthless: it is not used, and the question is asked again. */
  outdate(): void
  readonly isOpen: boolean
}

/** `read` asks the server, never rejects, and answers what to do with its word. */
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
