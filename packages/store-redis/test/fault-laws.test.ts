import { type FaultHarness, faultProxy, storeFaultLaws } from '@bff/store-testkit'
import { afterAll, describe, test } from 'vitest'
import { backdoor, openRedis } from './harness.ts'
import { startRedis } from './servers.ts'

describe('one server that syncs every write', async () => {
  const server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  const back = backdoor(server)
  const harness: FaultHarness = {
    open: async () => {
      const connection = await faultProxy(server)
      const url = `redis://${connection.host}:${connection.port}`
      const open = await openRedis({ url, operationTimeoutMs: 500 }, back)
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
  storeFaultLaws({ test: (name, run) => test(name, run, 60_000), harness })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})
