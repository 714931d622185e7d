import { eventBusLaws, sessionStoreLaws, ttlStoreLaws } from '@bff/store-testkit'
import { afterAll, describe, test } from 'vitest'
import { redisStore } from '../../src/node-redis/index.ts'
import { backdoor, openRedis } from '../harness.ts'
import { chosen } from '../libraries.ts'
import { startCluster, startRedis } from '../servers.ts'

/** Bytes, arguments and answers of every kind, and what the pipelining of a library could mix up. */
const OF_LIBRARIES = new Set([
  ...[
    'SS-01',
    'SS-02',
    'SS-05',
    'SS-07',
    'SS-08',
    'SS-10',
    'SS-13',
    'SS-17',
    'SS-20',
    'SS-22',
    'SS-23',
    'SS-25',
    'SS-29',
  ],
  ...[
    'TS-01',
    'TS-02',
    'TS-03',
    'TS-04',
    'TS-05',
    'TS-06',
    'TS-07',
    'TS-08',
    'TS-09',
    'TS-10',
    'TS-11',
    'TS-12',
  ],
  ...['EB-01', 'EB-02', 'EB-03', 'EB-04', 'EB-05'],
])

/** Each way a library finds the node of a command, and the events of a Cluster. */
const OF_CLUSTERS = new Set(['SS-01', 'SS-08', 'SS-22', 'TS-02', 'TS-05', 'EB-01'])

describe('one server, beside a process on ioredis', async () => {
  const law = chosen('node-redis', OF_LIBRARIES, test)
  const server = await startRedis()
  const back = backdoor(server)
  const harness = {
    open: async () => {
      const onIoredis = await openRedis({ url: server.url }, back)
      const open = await openRedis({ url: server.url }, back, redisStore, onIoredis.prefix)
      const close = async () => {
        await open.close()
        await onIoredis.close()
      }
      return { ...open, another: onIoredis.another, close }
    },
  }
  sessionStoreLaws({ test: law, harness })
  ttlStoreLaws({ test: law, harness })
  eventBusLaws({ test: law, harness })
  afterAll(async () => {
    back.close()
    await server.stop()
  })
})

describe('a Cluster of three masters [STO-08]', async () => {
  const law = chosen('node-redis', OF_CLUSTERS, test)
  const servers = await startCluster()
  const back = backdoor({ cluster: servers })
  const harness = { open: () => openRedis({ cluster: servers }, back, redisStore) }
  sessionStoreLaws({ test: law, harness })
  ttlStoreLaws({ test: law, harness })
  eventBusLaws({ test: law, harness })
  afterAll(async () => {
    back.close()
    for (const server of servers) await server.stop()
  })
})
