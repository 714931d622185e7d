import { type RedisServer, startRedis, until } from '@bff/servers'
import { Redis } from 'ioredis'

export {
  freePort,
  type RedisServer,
  startCluster,
  startRedis,
  startReplicatedCluster,
  until,
} from '@bff/servers'

const HOST = '127.0.0.1'

/** A master with one replica, watched by one sentinel that alone decides. */
export interface SentinelSetup {
  readonly master: RedisServer
  readonly replica: RedisServer
  readonly sentinel: RedisServer
  readonly name: string
  stop(): Promise<void>
}

export async function startSentinel(): Promise<SentinelSetup> {
  const name = 'primary'
  const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
  const master = await startRedis(quick)
  const replica = await startRedis([...quick, '--replicaof', `${HOST} ${master.port}`])
  const client = new Redis(replica.port, HOST)
  await until(async () => (await client.info('replication')).includes('master_link_status:up'))
  client.disconnect()
  const config = [
    `sentinel monitor ${name} ${HOST} ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
    '',
  ].join('\n')
  const sentinel = await startRedis(['--sentinel'], { config })
  const watcher = new Redis(sentinel.port, HOST)
  await until(async () =>
    String(await watcher.call('SENTINEL', 'REPLICAS', name)).includes(String(replica.port)),
  )
  watcher.disconnect()
  const stop = async () => {
    for (const server of [sentinel, replica, master]) await server.stop()
  }
  return { master, replica, sentinel, name, stop }
}
