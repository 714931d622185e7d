import { Redis } from 'ioredis'
import { freePort, HOST } from './port.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** Starts a Cluster of this many masters, all slots spread over them; `settings` are arguments of each server. */
export async function startCluster(masters = 3, settings: readonly string[] = []): Promise<RedisServer[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...settings]
  const servers: RedisServer[] = []
  for (let index = 0; index < masters; index++) {
    servers.push(await startRedis([...args, '--cluster-port', String(await freePort())]))
  }
  const clients = servers.map(({ port }) => new Redis(port, HOST))
  for (const [index, client] of clients.entries()) {
    const first = Math.ceil((16384 * index) / masters)
    const last = Math.ceil((16384 * (index + 1)) / masters) - 1
    await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const [index, client] of clients.entries()) {
    for (const { port } of servers.slice(0, index)) {
      const bus = await busPort(clients[servers.findIndex((server) => server.port === port)])
      await client.call('CLUSTER', 'MEET', HOST, port, bus)
    }
  }
  for (const client of clients)
    await until(async () => isWhole(String(await client.call('CLUSTER', 'INFO')), masters))
  for (const client of clients) client.disconnect()
  return servers
}

/** A Cluster in which each master has one replica. */
export interface ReplicatedCluster {
  readonly masters: readonly RedisServer[]
  /** In the order of their masters. */
  readonly replicas: readonly RedisServer[]
  stop(): Promise<void>
}

/** Starts a Cluster with one replica for each master; `settings` are arguments of each server. */
export async function startReplicatedCluster(
  masters = 2,
  settings: readonly string[] = [],
): Promise<ReplicatedCluster> {
  const nodes = await startCluster(masters, settings)
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
  const replicate = async (master: RedisServer) => {
    const replica = await startRedis([
      ...args,
      ...quick,
      ...settings,
      '--cluster-port',
      String(await freePort()),
    ])
    const [of, client] = [new Redis(master.port, HOST), new Redis(replica.port, HOST)]
    const id = String(await of.call('CLUSTER', 'MYID'))
    await client.call('CLUSTER', 'MEET', HOST, master.port, await busPort(of))
    await until(async () => String(await client.call('CLUSTER', 'NODES')).includes(id))
    await until(async () => (await client.call('CLUSTER', 'REPLICATE', id)) === 'OK')
    await until(async () => (await client.info('replication')).includes('master_link_status:up'))
    for (const connection of [of, client]) connection.disconnect()
    return replica
  }
  const replicas = await Promise.all(nodes.map(replicate))
  const stop = async () => {
    for (const server of [...replicas, ...nodes]) await server.stop()
  }
  return { masters: nodes, replicas, stop }
}

/** Asks again and again until the answer is yes; the caller's own time limit bounds it. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await new Promise((resolve) => setImmediate(resolve))
}

async function busPort(client: Redis | undefined): Promise<number> {
  const nodes = String(await client?.call('CLUSTER', 'NODES'))
  return Number(/@(\d+)[^\n]*myself/.exec(nodes)?.[1])
}

function isWhole(info: string, masters: number): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`)
}
