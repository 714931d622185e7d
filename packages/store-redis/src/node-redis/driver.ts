import type { Driver } from '../link.ts'
import type { RedisNode, Settings } from '../options.ts'
import { type NodeRedisClient, openSingle, type SingleOptions, templateOf } from './client.ts'
import { ClusterLink } from './cluster.ts'
import { type Opener, SingleLink } from './single.ts'

/** node-redis, with the settings of the app's own client if it gave one. */
export function nodeRedis(settings: Settings, client?: NodeRedisClient): Driver {
  const { kind, options } = templateOf(settings, client)
  if (kind === 'cluster') {
    return {
      channelPrefix: '',
      open: (timeoutMs) => new ClusterLink(options, timeoutMs),
      openSubscriber(timeoutMs, main, onMessage) {
        if (!(main instanceof ClusterLink)) throw new TypeError('Not a connection of node-redis.')
        const ofNode = options.defaults ?? {}
        const link = new SingleLink(timeoutMs, anyNode(ofNode, timeoutMs, main), onMessage)
        main.on('nodes', () => link.leaveUnless(main.nodes))
        return link
      },
    }
  }
  const { sentinels } = settings
  const opener = (timeoutMs: number): Opener =>
    sentinels === undefined
      ? async () => ({ opened: openSingle(options, timeoutMs) })
      : masterOf({ ...settings, sentinels }, options, timeoutMs)
  return {
    channelPrefix: '',
    open: (timeoutMs) => new SingleLink(timeoutMs, opener(timeoutMs)),
    openSubscriber: (timeoutMs, _, onMessage) => new SingleLink(timeoutMs, opener(timeoutMs), onMessage),
  }
}

function anyNode(options: SingleOptions, timeoutMs: number, cluster: ClusterLink): Opener {
  return async () => {
    const { nodes } = cluster
    const node = nodes[Math.floor(Math.random() * nodes.length)]
    if (node === undefined) throw new Error('NOT_CONNECTED')
    return { opened: openSingle(options, timeoutMs, node), node }
  }
}

/** Asks the sentinels in turn. Each attempt begins with another one, so that one that says nothing holds up only one. */
function masterOf(
  { sentinels, name = '', sentinelPassword: password }: Settings & { sentinels: readonly RedisNode[] },
  options: SingleOptions,
  timeoutMs: number,
): Opener {
  const access = { socket: options.socket ?? {}, ...(password !== undefined && { password }) }
  let first = 0
  const ask = async (sentinel: RedisNode, signal: AbortSignal): Promise<RedisNode> => {
    const { client, end } = openSingle(access, timeoutMs, sentinel)
    signal.addEventListener('abort', end)
    try {
      await client.connect()
      const found = (await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])) as unknown
      if (!Array.isArray(found)) throw new Error('UNKNOWN_MASTER')
      const [host, port] = found.map(String)
      return { host: host ?? '', port: Number(port) }
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }
  return async (signal) => {
    const begin = first++
    let fault: unknown
    for (const index of sentinels.keys()) {
      const sentinel = sentinels[(begin + index) % sentinels.length]
      if (sentinel === undefined || signal.aborted) break
      try {
        const node = await ask(sentinel, signal)
        return { opened: openSingle(options, timeoutMs, node), node, mustBeMaster: true }
      } catch (error) {
        fault = error
      }
    }
    throw fault
  }
}
