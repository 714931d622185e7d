import { storeLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openDynamodb } from './harness.ts'
import { patient, RUNS_ALL, startDynalite } from './servers.ts'

/** Nearly half of the time of all laws, with many sessions in each: `pnpm test:drivers` runs them. */
const SLOW = new Set(['SS-09', 'SS-14', 'SS-29', 'TS-10'])

describe('one table', async () => {
  const server = await startDynalite()
  const back = backdoor(server.endpoint)
  const harness = { open: () => openDynamodb({ endpoint: server.endpoint }, back) }
  const chosen = patient(test)
  storeLaws({
    test: (name, run) => {
      if (RUNS_ALL || !SLOW.has(name.split(' ', 1)[0] ?? '')) chosen(name, run)
    },
    harness,
  })
  if (RUNS_ALL) {
    describe('behind withPseudonyms', () => {
      storeLaws({ test: patient(test), harness: pseudonymous(harness) })
    })
  }
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})
