import { redisStore as onIoredis } from '../src/index.ts'
import { redisStore as onNodeRedis } from '../src/node-redis/index.ts'
import type { Library } from './harness.ts'

/** A library, and `redisStore` of the entry that uses it. */
interface Entry {
  readonly library: 'ioredis' | 'node-redis'
  readonly redisStore: Library
}

export const LIBRARIES: readonly [Entry, Entry] = [
  { library: 'ioredis', redisStore: onIoredis },
  { library: 'node-redis', redisStore: onNodeRedis },
]

/** `pnpm test:drivers` runs everything on every library; the tests of each commit what a library can break. */
export const RUNS_ALL = process.env['BFF_DRIVERS'] === 'all'

/** For tests that take long and are about the store more than about its library. */
export const MAIN_LIBRARY: readonly Entry[] = RUNS_ALL ? LIBRARIES : [LIBRARIES[0]]

/** Leaves out, of the laws of another library than the first, those that are not about libraries. */
export function chosen(
  library: Entry['library'],
  laws: ReadonlySet<string>,
  test: (name: string, run: () => Promise<void>) => void,
): (name: string, run: () => Promise<void>) => void {
  if (RUNS_ALL || library === LIBRARIES[0].library) return test
  return (name, run) => {
    if (laws.has(name.split(' ', 1)[0] ?? '')) test(name, run)
  }
}
