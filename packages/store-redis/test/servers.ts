import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** A Redis process of ours on a free port of the loopback interface, in a temporary folder. */
export interface RedisServer {
  readonly host: string
  readonly port: number
  readonly url: string
  readonly process: ChildProcess
  /** `SIGSTOP`, `SIGCONT` and the like. */
  signal(signal: NodeJS.Signals): void
  /** As if the machine's power went: `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same port and data. */
  restart(): Promise<void>
  /** Ends the process and removes its folder. */
  stop(): Promise<void>
}

const HOST = '127.0.0.1'

/** Starts `redis-server`; `args` come after, and so win over, settings that keep nothing on disk. */
export async function startRedis(args: readonly string[] = [], config?: string): Promise<RedisServer> {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'bff-redis-'))
  const file = join(dir, 'redis.conf')
  await writeFile(file, config ?? '')
  const base = ['--port', String(port), '--bind', HOST, '--dir', dir, '--daemonize', 'no']
  const volatile = ['--save', '', '--appendonly', 'no']
  const command = [file, ...base, ...(config === undefined ? volatile : []), ...args]
  let child = await launch(command)
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  return {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    get process() {
      return child
    },
    signal: (signal) => void child.kill(signal),
    kill: () => kill('SIGKILL'),
    restart: async () => {
      child = await launch(command)
    },
    stop: async () => {
      await kill('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Starts a Cluster of this many masters, all slots spread over them. */
export async function startCluster(masters = 3): Promise<RedisServer[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
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
  const sentinel = await startRedis(['--sentinel'], config)
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

/** Asks again and again until the answer is yes; the test's own time limit bounds it. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await new Promise((resolve) => setImmediate(resolve))
}

async function launch(command: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', command, { stdio: ['ignore', 'pipe', 'ignore'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', () =>
      reject(new Error('redis-server cannot be started. Install it: apt-get install redis-server')),
    )
    child.once('exit', () => reject(new Error(`redis-server ended at once:\n${log}`)))
    child.stdout?.on('data', (data: Buffer) => {
      log = `${log}${data}`.slice(-4000)
      if (/[Rr]eady to accept connections|Running mode=sentinel/.test(log)) resolve()
    })
  })
  return child
}

/** Below the range from which the system picks ports, a port is not taken by an outgoing connection meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, HOST, () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}

async function busPort(client: Redis | undefined): Promise<number> {
  const nodes = String(await client?.call('CLUSTER', 'NODES'))
  return Number(/@(\d+)[^\n]*myself/.exec(nodes)?.[1])
}

function isWhole(info: string, masters: number): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`)
}
