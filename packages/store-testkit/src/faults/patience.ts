import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** A store answers or fails within this, in milliseconds. */
export const PATIENCE_MS = 10_000
/** A store recovers within this, in milliseconds: on a busy machine several attempts may be needed. */
const RECOVERY_MS = 30_000

/** How long to wait before asking a server again that does not answer. */
const PAUSE_MS = 20

/** What the promise settles to, unless that takes longer than anybody would wait. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const end = new AbortController()
  const late = delay(PATIENCE_MS, undefined, { signal: end.signal }).then(
    () => assert.fail(`${what} took longer than ${PATIENCE_MS} ms.`),
    // Aborted: the promise was faster.
    () => promise,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    end.abort()
  }
}

/** Tries again until it succeeds; fails with what it failed with, once that has gone on for too long. */
export async function eventually<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + RECOVERY_MS
  for (;;) {
    try {
      return await inTime(what, attempt())
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`${what} did not happen within ${RECOVERY_MS} ms.`, { cause: error })
      }
      await delay(PAUSE_MS)
    }
  }
}
