import type { OptionCases } from '@bff/test-support/options'
import { limitCases } from '@bff/test-support/sql/options'
import type { SqlStores, StoreOptions } from '../../src/index.ts'

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
