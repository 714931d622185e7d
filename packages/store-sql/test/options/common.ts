import { isBffError } from '@bff/core'
import { HOUR, session } from '@bff/store-testkit/fixtures'
import type { OptionCases } from '@bff/test-support/options'
import type { SqlStores, StoreOptions } from '../../src/index.ts'
import { handClock, START } from '../clock.ts'

const set = ({ ttl }: SqlStores) => ttl.set('key', 'value', HOUR)

type Limits = Pick<StoreOptions, 'operationTimeoutMs' | 'maxPending' | 'clock'>

/** What every SQL store takes. `lock` keeps all from writing small values, until what it resolves to is called. */
export function limitCases(
  open: (options: Limits) => SqlStores,
  lock: () => Promise<() => Promise<unknown>>,
): OptionCases<Limits> {
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

/** What every store of this package takes. */
export function commonCases(
  open: (options: StoreOptions) => SqlStores,
  lock: () => Promise<() => Promise<unknown>>,
  tables: { readonly usual: readonly string[]; readonly own: readonly string[] },
  writtenTo: (options: StoreOptions) => Promise<string[]>,
): OptionCases<StoreOptions> {
  return {
    ...limitCases(open, lock),
    tables: {
      set: { sessions: { name: 'my_sessions' }, ttl: { name: 'my_ttl' } },
      see: writtenTo,
      shows: [tables.usual, tables.own],
    },
    remedy: {
      set: 'Run the migrations of the app.',
      async see(options) {
        const stores = open({ ...options, tables: { sessions: { name: 'nowhere' } } })
        const said = await stores.check().catch((error: Error) => error.message)
        await stores.sessions.close()
        return /bff schema sql|Run .*$/.exec(String(said))?.[0]
      },
      shows: ['bff schema sql', 'Run the migrations of the app.'],
    },
  }
}

/** The tables into which the stores wrote a session and a small value; `empty` says how many rows a table had. */
export async function tablesOf(
  stores: SqlStores,
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
