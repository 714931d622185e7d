import { eventBusLaws, sessionStoreLaws, ttlStoreLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openRedis } from './harness.ts'
import { startCluster, startRedis } from './servers.ts'

describe('one server', async () => {
  const server = await startRedis()
  const back = backdoor(server)
  const harness = { open: () => openRedis({ url: server.url }, back) }
  sessionStoreLaws({ test, harness })
  ttlStoreLaws({ test, harness })
  eventBusLaws({ test, harness })
  describe('behind withPseudonyms', () => {
    sessionStoreLaws({ test, harness: pseudonymous(harness) })
    ttlStoreLaws({ test, harness: pseudonymous(harness) })
  })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})

describe('a Cluster of three masters [STO-08]', async () => {
  const servers = await startCluster()
  const back = backdoor({ cluster: servers })
  const harness = { open: () => openRedis({ cluster: servers }, back) }
  sessionStoreLaws({ test, harness })
  ttlStoreLaws({ test, harness })
  eventBusLaws({ test, harness })
  afterAll(async () => {
    back.close()
    for (const server of servers) await server.stop()
  })
})
