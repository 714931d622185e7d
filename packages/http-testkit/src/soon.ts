import { AssertionError } from 'node:assert'

/** How long a law waits for what must happen, in milliseconds. */
const PATIENCE_MS = 4_000

/** What `promise` resolves with; fails, naming what was waited for, when that takes too long. */
export async function soon<T>(what: string, promise: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AssertionError({ message: `Not within ${ms} ms: ${what}.` })), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
