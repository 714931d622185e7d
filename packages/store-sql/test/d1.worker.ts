import { WorkerEntrypoint } from 'cloudflare:workers'
import { forLaws } from '@bff/test-support/sql/laws'
import { type D1Client, sqliteStore } from '../src/drivers/d1.ts'
import { lawWorker } from './law-worker.ts'
import { ServedStores, storesElsewhere } from './other-isolate.ts'

interface Env {
  readonly DB: D1Client
  readonly BEHIND: D1Client
  readonly OTHER: Service<Other>
}

/** The second client, in an isolate and with a binding of its own. */
export class Other extends WorkerEntrypoint<Env> {
  open(): ServedStores {
    return new ServedStores((clock) => sqliteStore({ client: this.env.DB, clock }))
  }
}

export default lawWorker(async ({ DB, BEHIND, OTHER }: Env) => {
  for (const table of ['bff_sessions', 'bff_ttl']) await BEHIND.prepare(`delete from ${table}`).bind().raw()
  const other = await OTHER.open()
  return forLaws({
    open: (clock) => sqliteStore({ client: DB, clock }),
    openAnother: (clock) => storesElsewhere(other, clock),
    behind: sqliteStore({ client: BEHIND }),
    close: async () => other[Symbol.dispose](),
  })
})
