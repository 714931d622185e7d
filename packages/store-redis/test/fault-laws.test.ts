import {
  type FaultHarness,
  faultProxy,
  type RefusedWriteHarness,
  refusedWriteLaws,
  storeFaultLaws,
} from '@bff/store-testkit'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openRedis } from './harness.ts'
import { chosen, LIBRARIES } from './libraries.ts'
import { startRedis } from './servers.ts'

/** Queues, repetitions, connections that died, and subscriptions after them. */
const OF_LIBRARIES = new Set(['FT-01', 'FT-02', 'FT-03', 'FT-08', 'FT-11', 'FT-12'])

describe.each(LIBRARIES)('$library: one server that syncs every write', async ({ library, redisStore }) => {
  const server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  const back = backdoor(server)
  const harness: FaultHarness = {
    open: async () => {
      const connection = await faultProxy(server)
      const url = `redis://${connection.host}:${connection.port}`
      const open = await openRedis({ url, operationTimeoutMs: 500 }, back, redisStore)
      let running = true
      const kill = async () => {
        running = false
        await server.crash()
      }
      const start = async () => {
        await server.start()
        running = true
      }
      const close = async () => {
        await open.close()
        await connection.close()
        if (!running) await server.start()
      }
      return { ...open, connection, server: { kill, start }, close }
    },
  }
  storeFaultLaws({ test: chosen(library, OF_LIBRARIES, test), harness })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})

describe('one server that takes no write while it has too few replicas', async () => {
  const server = await startRedis()
  const back = backdoor(server)
  const require = async (replicas: number) => {
    for (const master of await back.masters()) await master.config('SET', 'min-replicas-to-write', replicas)
  }
  const harness: RefusedWriteHarness = {
    open: async () => ({
      ...(await openRedis({ url: server.url }, back)),
      refuseWrites: () => require(1),
      acceptWrites: () => require(0),
    }),
  }
  refusedWriteLaws({ test, harness })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})
