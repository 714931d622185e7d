import { forLaws } from '@bff/test-support/sql/laws'
import { type D1Client, sqliteStore } from '../src/drivers/d1.ts'
import { lawWorker } from './law-worker.ts'

interface Env {
  readonly FIRST: D1Client
  readonly SECOND: D1Client
  readonly BEHIND: D1Client
}

export default lawWorker(async ({ FIRST, SECOND, BEHIND }: Env) => {
  for (const table of ['bff_sessions', 'bff_ttl']) await BEHIND.prepare(`delete from ${table}`).bind().raw()
  const clients = [FIRST, SECOND]
  return forLaws({
    open: (clock) => sqliteStore({ client: clients.shift() ?? FIRST, clock }),
    behind: sqliteStore({ client: BEHIND }),
    close: async () => {},
  })
})
