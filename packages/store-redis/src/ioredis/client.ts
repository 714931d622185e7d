import { isDeepStrictEqual } from 'node:util'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import type { Settings } from '../options.ts'
import { placeOf } from '../place.ts'

export type Client = Redis | Cluster

/** The settings, with the app's own client if it gave one. */
type IoredisSettings = Settings & { readonly client: Client | undefined }

/** Replies in the shapes of RESP2, regardless of the app's own client. */
type Options = RedisOptions & { replyMapping: 'legacy' }

/** Whether commands go to several masters. It checks the shape, because the app may use another copy of ioredis. */
export function isCluster(client: Client): client is Cluster {
  return client.isCluster
}

/**
 * Makes the store's own connection, not yet connected. It answers or fails within the timeout, queues nothing without a
 * connection, and repeats no command whose outcome is unknown (STO-10, STO-16).
 */
export function createClient(settings: IoredisSettings, timeoutMs: number, over: RedisOptions = {}): Client {
  const client = open(settings, { ...safeOptions(timeoutMs), ...over, replyMapping: 'legacy' })
  // A failed call reports its own error; without a listener ioredis would write to the console.
  client.on('error', () => {})
  if (isCluster(client)) client.on('+node', keepNothingRunning)
  else keepNothingRunning(client)
  return client
}

/**
 * Makes a connection for subscriptions only. In a Cluster, whose nodes all receive every message, it connects to any node,
 * and to another one each time: the subscriber of a Cluster client has no timeout and cannot be unref'd.
 */
export function createSubscriber(settings: IoredisSettings, timeoutMs: number, main: Client): Client {
  // ioredis subscribes again by itself, but a server that then refuses or says nothing ends the process.
  const over = { keyPrefix: '', autoResubscribe: false }
  const node = isCluster(main) ? anyNode(main) : undefined
  if (!isCluster(main) || node === undefined) return createClient(settings, timeoutMs, over)
  const client = node.duplicate({ ...safeOptions(timeoutMs), ...over })
  client.on('error', () => {})
  keepNothingRunning(client)
  client.on('end', () => Object.assign(client.options, nodeOf(anyNode(main) ?? client)))
  // A node that has left the Cluster receives no more messages, although it runs.
  main.on('-node', (gone: Redis) => {
    if (isDeepStrictEqual(nodeOf(gone), nodeOf(client))) client.disconnect(true)
  })
  return client
}

function anyNode(cluster: Cluster): Redis | undefined {
  const nodes = cluster.nodes()
  return nodes[Math.floor(Math.random() * nodes.length)]
}

const nodeOf = ({ options: { host, port } }: Redis) => ({ host, port })

/** An idle connection must not keep the process running; a call under way does, by its timeout. */
function keepNothingRunning(client: Redis): void {
  client.on('connect', () => void client.stream.unref())
}

function open(settings: IoredisSettings, single: Options): Client {
  const { client, cluster } = settings
  if (client !== undefined) {
    return isCluster(client) ? client.duplicate([], clusterOptions(single)) : client.duplicate(single)
  }
  if (cluster !== undefined) {
    const nodes = cluster.map(({ host, port }) => ({ host, port }))
    return new Cluster(nodes, clusterOptions({ ...addressOf(settings), ...single }))
  }
  return new Redis({ ...addressOf(settings), ...single })
}

function safeOptions(timeoutMs: number): RedisOptions {
  return {
    lazyConnect: true,
    protocol: 2,
    disableClientInfo: true,
    readOnly: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    sentinelCommandTimeout: timeoutMs,
    // A server that is silent for this long is left, so that unanswered commands do not pile up.
    socketTimeout: 2 * timeoutMs,
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // `Connection` connects again: the timers of ioredis would keep the process running.
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    // A master that became a replica refuses writes: find the new one. 1 is not to send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
  }
}

function clusterOptions(single: Options): ClusterOptions & { redisOptions: { replyMapping: 'legacy' } } {
  const {
    retryStrategy: _,
    enableOfflineQueue: __,
    readOnly: ___,
    himportFieldsets: ____,
    ...redisOptions
  } = single
  return {
    lazyConnect: true,
    redisOptions,
    ...(single.keyPrefix !== undefined && { keyPrefix: single.keyPrefix }),
    scaleReads: 'master',
    enableAutoPipelining: false,
    clusterRetryStrategy: () => null,
    // Options of the app's own client that need timers and sockets which cannot be unref'd.
    slotsRefreshInterval: 0,
    shardedSubscribers: false,
    // Only for a node that is being connected to: `Connection` keeps everything else out of the queue.
    enableOfflineQueue: true,
    retryDelayOnFailover: 0,
    slotsRefreshTimeout: redisOptions.commandTimeout,
  }
}

function addressOf(settings: Settings): RedisOptions {
  const { sentinels, name, sentinelPassword } = settings
  const { tls, ...place } = placeOf(settings)
  return {
    ...place,
    ...(tls && { tls }),
    ...(sentinels && { sentinels: sentinels.map(({ host, port }) => ({ host, port })), role: 'master' }),
    ...(name !== undefined && { name }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && sentinels && { enableTLSForSentinelMode: true }),
  }
}
