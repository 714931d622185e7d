import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import { type Client, isCluster } from './client.ts'
import type { Argument } from './connection.ts'
import type { Script } from './scripts.ts'

/** A script to run, how many replicas must have its writes, and within which time. */
export interface DurableCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly Argument[]
  readonly replicas: number
  readonly waitMs: number
}

/** How long to wait before asking again about a slot that is being moved, in milliseconds. */
const PAUSE_MS = 50

/**
 * Runs the script and waits for the replicas of the server that ran it: ioredis follows a redirection of a pipeline only
 * when all its commands were redirected, and WAIT never is. A redirected script has not run, so it is sent again.
 */
export async function runDurably(client: Client, call: DurableCall, timeoutMs: number): Promise<unknown> {
  const deadline = performance.now() + timeoutMs
  let send = (): Promise<unknown> => runAndWait(client, call)
  for (;;) {
    try {
      return await send()
    } catch (error) {
      if (!isCluster(client) || performance.now() > deadline) throw error
      const [kind, , address = ''] = error instanceof Error ? error.message.split(' ') : []
      send = () => runAndWait(client, call)
      if (kind === 'MOVED') {
        await follow(client, call)
      } else if (kind === 'ASK') {
        await follow(client, call)
        const node = findNode(client, address)
        if (node !== undefined) send = () => runAndWait(node, ofNode(call, client, node), 'asking')
      } else if (kind === 'TRYAGAIN') {
        await delay(PAUSE_MS)
      } else throw error
    }
  }
}

/** Sends a single command, which ioredis does redirect: the client then knows the node and loads the slots again. */
async function follow(client: Cluster, { keys: [key = ''] }: DurableCall): Promise<void> {
  await client.exists(key)
}

async function runAndWait(client: Client, call: DurableCall, asking?: 'asking'): Promise<unknown> {
  const { script, keys, args, replicas, waitMs } = call
  const send = async (command: string, text: string): Promise<unknown> => {
    // One write to one socket: after a reconnect in between, WAIT would answer for nothing.
    const pipeline = client.pipeline()
    if (asking) pipeline.asking()
    pipeline.callBuffer(command, text, keys.length, ...keys, ...args)
    pipeline.call('wait', replicas, waitMs)
    const [outcome, waited] = (await pipeline.exec())?.slice(asking ? 1 : 0) ?? []
    const fault = outcome?.[0] ?? waited?.[0]
    if (fault) throw fault
    if (Number(waited?.[1]) < replicas) throw new Error('TOO_FEW_REPLICAS')
    return outcome?.[1]
  }
  try {
    return await send('evalsha', script.sha)
  } catch (error) {
    if (!isNoScript(error)) throw error
    return send('eval', script.lua)
  }
}

export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** Returns the node at the address in a redirection, which the app's own client may know by another address. */
function findNode(client: Cluster, address: string): Redis | undefined {
  const { natMap } = client.options
  const mapped = typeof natMap === 'function' ? natMap(address) : natMap?.[address]
  const known = mapped ? `${mapped.host}:${mapped.port}` : address
  return client.nodes('all').find(({ options }) => `${options.host}:${options.port}` === known)
}

/** A Cluster client adds its prefix to keys, its nodes do not. */
function ofNode(call: DurableCall, client: Cluster, node: Redis): DurableCall {
  const prefix = node.options.keyPrefix ? '' : (client.options.keyPrefix ?? '')
  return { ...call, keys: call.keys.map((key) => prefix + key) }
}
