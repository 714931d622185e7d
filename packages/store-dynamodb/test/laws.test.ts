import { storeLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openDynamodb } from './harness.ts'
import { patient, RUNS_ALL, startDynalite } from './servers.ts'

describe('one table', async () => {
  const server = await startDynalite()
  const back = backdoor(server.endpoint)
  const harness = { open: () => openDynamodb({ endpoint: server.endpoint }, back) }
  storeLaws({ test: patient(test), harness })
  describe.runIf(RUNS_ALL)('behind withPseudonyms', () => {
    storeLaws({ test: patient(test), harness: pseudonymous(harness) })
  })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})
