import { type RedisServer, until } from '@bff/servers'
import { Redis } from 'ioredis'
import type { Experiment } from './experiment.ts'

const DOWN_MS = 6_000
const WELL_MS = 13_000
const SLOTS_MOVED = 400

/** Runs one command on a node, over a connection of its own. */
async function command(
  server: RedisServer,
  ...words: readonly [string, ...(string | number)[]]
): Promise<string> {
  const client = new Redis(server.port, server.host, { maxRetriesPerRequest: 1 })
  try {
    const [name, ...args] = words
    return String(await client.call(name, ...args))
  } finally {
    client.disconnect()
  }
}

const isMaster = async (server: RedisServer): Promise<boolean> =>
  (await command(server, 'ROLE')).startsWith('master')

/** A replica takes over from its living master, as before an upgrade. */
async function failOver(replica: RedisServer): Promise<void> {
  await until(async () => (await command(replica, 'CLUSTER', 'FAILOVER')) === 'OK')
  await until(() => isMaster(replica))
}

/** Moves slots, and what is in them, from one master to another. */
async function moveSlots(from: RedisServer, to: RedisServer, count: number): Promise<number> {
  const [fromId, toId] = [await command(from, 'CLUSTER', 'MYID'), await command(to, 'CLUSTER', 'MYID')]
  const nodes = await command(from, 'CLUSTER', 'NODES')
  const [first = 0] = [...nodes.matchAll(/^(\S+) .* (\d+)-\d+/gm)].flatMap(([, id, slot]) =>
    id === fromId ? [Number(slot)] : [],
  )
  const client = new Redis(from.port, from.host)
  try {
    for (let slot = first; slot < first + count; slot += 1) {
      await command(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
      await command(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
      for (;;) {
        const keys = await client.cluster('GETKEYSINSLOT', slot, 100)
        if (keys.length === 0) break
        await client.call('MIGRATE', to.host, to.port, '', 0, 5000, 'KEYS', ...keys)
      }
      for (const server of [to, from]) await command(server, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
    }
  } finally {
    client.disconnect()
  }
  return count
}

export const clusterFailover: Experiment = {
  name: 'cluster-failover',
  about:
    'moves slots, fails over as planned, and kills a master right after acknowledged sign-outs, in durable mode',
  stores: ['cluster'],
  world: { accessTokenLifetime: 4, reuseGrace: 60 },
  profile: { signOut: 0.1 },
  async run({ world: { store, recorder }, load, goesOn, pause }) {
    const { cluster } = store
    const [first, second, third] = cluster?.masters ?? []
    const [firstReplica, secondReplica] = cluster?.replicas ?? []
    if (!first || !second || !third || !firstReplica || !secondReplica) return { masters: 0 }
    let moved = 0
    let kills = 0
    let failovers = 0
    await recorder.during('moving slots', async () => {
      moved += await moveSlots(third, second, SLOTS_MOVED)
    })
    await pause(WELL_MS)
    await recorder.during('planned failover', async () => {
      await failOver(firstReplica)
      failovers += 1
    })
    await pause(WELL_MS)
    do {
      const master = (await isMaster(second)) ? second : secondReplica
      const heir = master === second ? secondReplica : second
      const ended = load.over.length
      while (load.over.length === ended) await pause(5)
      await recorder.during('killed master', async () => {
        await master.crash()
        kills += 1
        await until(() => isMaster(heir))
        failovers += 1
      })
      await pause(DOWN_MS)
      await master.start()
      await until(async () =>
        (await command(master, 'INFO', 'replication')).includes('master_link_status:up'),
      )
      await pause(WELL_MS)
    } while (goesOn())
    return { 'slots moved': moved, 'masters killed': kills, failovers }
  },
}
