import { AssertionError } from 'node:assert'
import { AsyncLocalStorage } from 'node:async_hooks'

const patience = new AsyncLocalStorage<number>()

/** Runs a law that waits no longer than `ms` for anything that must happen. */
export const withPatience = <T>(ms: number, law: () => Promise<T>): Promise<T> => patience.run(ms, law)

/**
 * What `promise` resolves with; fails, naming what was waited for, when that takes too long.
 *
 * @param ms a bound of the law's own. @default the patience of the run
 */
export function soon<T>(what: string, promise: Promise<T>, ms = patience.getStore() ?? 0): Promise<T> {
  const result = within(what, promise, ms)
  // A law that has failed elsewhere meanwhile does not wait for it.
  result.catch(() => {})
  return result
}

async function within<T>(what: string, promise: Promise<T>, ms: number): Promise<T> {
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
