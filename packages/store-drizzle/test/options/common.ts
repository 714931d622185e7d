import { isBffError } from '@bff/core'
import { HOUR, session } from '@bff/store-testkit/fixtures'
import type { OptionCases } from '../../../../tools/test-support/option-cases.ts'
import type { DrizzleStores, StoreOptions } from '../../src/shared/assemble.ts'
import { handClock, START } from '../clock.ts'

const set = ({ ttl }: DrizzleStores) => ttl.set('key', 'value', HOUR)

/** What every engine takes. `lock` keeps all from writing small values, until what it resolves to is called. */
export function commonCases(
  open: (options: StoreOptions) => DrizzleStores,
  lock: () => Promise<() => Promise<unknown>>,
): OptionCases<StoreOptions> {
  const clock = handClock()
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
        clock.advance(HOUR - 1)
        const before = await stores.ttl.get('key')
        clock.advance(1)
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
  stores: DrizzleStores,
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
