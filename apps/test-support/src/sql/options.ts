import { type Clock, isBffError, type Stores } from '@bff/core'
import { HOUR, session } from '@bff/store-testkit/fixtures'
import { manualClock, START } from '../clock.ts'
import type { OptionCases } from '../options.ts'

const set = ({ ttl }: Stores) => ttl.set('key', 'value', HOUR)

interface Limits {
  readonly operationTimeoutMs?: number
  readonly maxPending?: number
  readonly clock?: Clock
}

/** What every SQL store takes. `lock` keeps all from writing small values, until what it resolves to is called. */
export function limitCases(
  open: (options: Limits) => Stores,
  lock: () => Promise<() => Promise<unknown>>,
): OptionCases<Limits> {
  const clock = manualClock()
  return {
    operationTimeoutMs: {
      set: 50,
      async see(options) {
        const [stores, rival] = [open(options), open({ operationTimeoutMs: 100 })]
        const unlock = await lock()
        const outcome = codeOf(set(stores))
        await codeOf(set(rival))
        await unlock()
        const seen = await outcome
        await Promise.all([stores.sessions.close(), rival.sessions.close()])
        return seen
      },
      shows: ['answered', 'store_unavailable'],
    },
    maxPending: {
      set: 2,
      async see(options) {
        const stores = open(options)
        const calls = ['a', 'b', 'c'].map((key) => codeOf(stores.ttl.get(key)))
        const outcomes = await Promise.all(calls)
        await stores.sessions.close()
        return outcomes
      },
      shows: [
        ['answered', 'answered', 'answered'],
        ['answered', 'answered', 'store_unavailable'],
      ],
    },
    clock: {
      set: clock,
      async see(options) {
        const stores = open(options)
        await set(stores)
        clock.jump(HOUR - 1)
        const before = await stores.ttl.get('key')
        clock.jump(1)
        const after = await stores.ttl.get('key')
        await stores.sessions.close()
        return { before, after }
      },
      shows: [
        { before: 'value', after: 'value' },
        { before: 'value', after: null },
      ],
    },
  }
}

/** The tables into which the stores wrote a session and a small value; `empty` says how many rows a table had. */
export async function tablesOf(
  stores: Stores,
  tables: readonly string[],
  empty: (table: string) => number | Promise<number>,
): Promise<string[]> {
  for (const table of tables) await empty(table)
  await stores.sessions.create(session(START))
  await set(stores)
  await stores.sessions.close()
  const used: string[] = []
  for (const table of tables) if ((await empty(table)) > 0) used.push(table)
  return used
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: unknown) => (isBffError(error) ? error.code : String(error)),
  )
}

/** How many connections the stores open for twenty calls at once. */
export async function mostConnections(
  open: () => Stores,
  connections: () => Promise<number>,
): Promise<number> {
  // A server ends a connection a little later than its client.
  while ((await connections()) > 0);
  const { sessions, ttl } = open()
  await Promise.all(Array.from({ length: 20 }, (_, index) => ttl.get(String(index))))
  const seen = await connections()
  await sessions.close()
  return seen
}
