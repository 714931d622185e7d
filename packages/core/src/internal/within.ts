import type { Clock } from '../contracts/clock.ts'

/**
 * Returns what `work` resolves to, or what `late` returns or throws when that takes longer than `ms` milliseconds of a clock. It
 * does not stop the work: a later result is lost.
 */
export async function within<Result>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: () => Promise<Result>,
  late: () => Result,
): Promise<Result> {
  const done = new AbortController()
  try {
    return await Promise.race([work(), clock.sleep(ms, done.signal).then(late)])
  } finally {
    done.abort()
  }
}
