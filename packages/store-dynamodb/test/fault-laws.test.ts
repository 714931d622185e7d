import { type FaultHarness, faultProxy, storeFaultLaws } from '@bff/store-testkit'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openDynamodb } from './harness.ts'
import { patient, RUNS_ALL, startDynalite } from './servers.ts'

/** Many histories with an outage in each: `pnpm test:drivers` runs them. */
const SLOW = new Set(['FT-05', 'FT-06', 'FT-07'])

describe('a server that keeps its data in files', async () => {
  const server = await startDynalite({ durable: true })
  const back = backdoor(server.endpoint)
  const harness: FaultHarness = {
    open: async () => {
      await server.start()
      const connection = await faultProxy(server)
      const endpoint = `http://${connection.host}:${connection.port}`
      const open = await openDynamodb({ endpoint, operationTimeoutMs: 2000 }, back)
      const close = async () => {
        await open.close()
        await connection.close()
      }
      return { ...open, connection, server, close }
    },
  }
  const chosen = patient(test)
  storeFaultLaws({
    test: (name, run) => {
      if (RUNS_ALL || !SLOW.has(name.split(' ', 1)[0] ?? '')) chosen(name, run)
    },
    harness,
  })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})
