import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisServer } from '@bff/servers'
import { Redis } from 'ioredis'

const POLL_MS = 50

/** Asks again and again until the answer is yes. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(POLL_MS)
}

/** Runs one command on a node, over a connection of its own. */
export async function command(
  server: RedisServer,
  ...[name, ...args]: readonly [string, ...(string | number)[]]
): Promise<string> {
  const client = connectionTo(server)
  try {
    return String(await client.call(name, ...args))
  } finally {
    client.disconnect()
  }
}

function connectionTo({ port, host }: RedisServer): Redis {
  const client = new Redis(port, host, { maxRetriesPerRequest: 1, retryStrategy: () => null })
  // Each command tells of it as well.
  client.on('error', () => {})
  return client
}

export const isMaster = async (server: RedisServer): Promise<boolean> =>
  (await command(server, 'ROLE')).startsWith('master')

/** A replica takes over from its living master, as before an upgrade. */
export async function failOver(replica: RedisServer): Promise<void> {
  await eventually(async () => (await command(replica, 'CLUSTER', 'FAILOVER')) === 'OK')
  await eventually(() => isMaster(replica))
}

/** Whether a server that was started again follows its new master. */
export const isInStep = async (server: RedisServer): Promise<boolean> =>
  (await command(server, 'INFO', 'replication')).includes('master_link_status:up')

/** Moves slots, and what is in them, from one master to another. Gives how many keys went along. */
export async function moveSlots(from: RedisServer, to: RedisServer, count: number): Promise<number> {
  const [source, target] = [connectionTo(from), connectionTo(to)]
  let moved = 0
  try {
    const sourceId = String(await source.call('CLUSTER', 'MYID'))
    const targetId = String(await target.call('CLUSTER', 'MYID'))
    const nodes = String(await source.call('CLUSTER', 'NODES'))
    const line = nodes.split('\n').find((each) => each.startsWith(sourceId)) ?? ''
    const first = Number(/ (\d+)-\d+/.exec(line)?.[1])
    for (let slot = first; slot < first + count; slot += 1) {
      await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId)
      await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId)
      for (;;) {
        const keys = await source.cluster('GETKEYSINSLOT', slot, 100)
        if (keys.length === 0) break
        await source.call('MIGRATE', to.host, to.port, '', 0, 5000, 'KEYS', ...keys)
        moved += keys.length
      }
      await target.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
      await source.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
    }
  } finally {
    for (const client of [source, target]) client.disconnect()
  }
  return moved
}
