import { setTimeout as delay } from 'node:timers/promises'
import type { Call, DurableCall } from '../link.ts'
import type { RedisNode } from '../options.ts'
import { type Cluster, type ClusterOptions, isReply, type Opened, openCluster, type Words } from './client.ts'
import { connectInTime, NodeRedisLink, waitWords, wordsOf } from './link.ts'

/** How long to wait before asking again about a slot that is being moved, in milliseconds. */
const PAUSE_MS = 50

/** The shortest time between two looks at the nodes, in milliseconds. */
const LOOK_AGAIN_MS = 100

/**
 * A connection to the masters of a Cluster. When a node is lost, a new client looks up the nodes again and takes over. The old one
 * stays until the calls it has under way are answered or out of time.
 */
export class ClusterLink extends NodeRedisLink {
  readonly isCluster = true
  readonly #options: ClusterOptions
  readonly #former = new Set<Opened<Cluster>>()
  #current: Opened<Cluster> | null = null
  #isLookingAgain = false
  #closed = false

  constructor(options: ClusterOptions, timeoutMs: number) {
    super(timeoutMs)
    this.#options = options
  }

  get isReady(): boolean {
    return this.#current !== null
  }

  /** The masters, where this process reaches them. */
  get nodes(): RedisNode[] {
    const { nodeAddressMap: map } = this.#options
    return (this.#current?.client.masters ?? []).map(({ address, host, port }) => {
      const mapped = typeof map === 'function' ? map(address) : map?.[address]
      return mapped ?? { host, port }
    })
  }

  async connect(): Promise<void> {
    if (this.#closed) return
    const opened = openCluster(this.#options, this.timeoutMs)
    try {
      await connectInTime(lookUp(opened.client), this.timeoutMs, () => opened.end())
    } catch (error) {
      this.#isLookingAgain = false
      this.emit('error', error)
      this.emit('end')
      throw error
    }
    if (this.#closed) return opened.end()
    opened.client.on('node-disconnect', () => this.#current === opened && this.emit('nodes'))
    opened.client.on('node-error', () => this.#current === opened && this.#lookAgain())
    const former = this.#current
    this.#current = opened
    if (former) this.#retire(former)
    this.#isLookingAgain = false
    this.emit('ready')
    this.emit('nodes')
  }

  close(): void {
    this.#closed = true
    this.#current?.end()
    this.#current = null
    for (const former of this.#former) former.end()
  }

  async runAndWait(by: Call, call: DurableCall, address?: string): Promise<[unknown, number]> {
    const [outcome, replicas] = await this.inTime(this.#runAndWait(by, call, address))
    return [outcome, Number(replicas)]
  }

  async #runAndWait(by: Call, call: DurableCall, address?: string): Promise<[unknown, unknown]> {
    const { client } = this.#connected()
    const asked = address === undefined ? undefined : client.nodeByAddress.get(address)
    const node = await (asked ? client.nodeClient(asked) : client.getNodeClientForKey(call.keys[0] ?? ''))
    // In one turn, and so by one socket: after a reconnect in between, WAIT would answer for nothing.
    const answers = [
      ...(asked ? [node.sendCommand(['ASKING'])] : []),
      node.sendCommand(wordsOf(by, call)),
      node.sendCommand(waitWords(call)),
    ]
    await Promise.allSettled(answers)
    const [outcome, replicas] = (await Promise.all(answers)).slice(asked ? 1 : 0)
    return [outcome, replicas]
  }

  protected async send(key: string | undefined, words: Words): Promise<unknown> {
    const deadline = performance.now() + this.timeoutMs
    for (;;) {
      try {
        return await this.#connected().client.sendCommand(key, false, words)
      } catch (error) {
        if (!isReply(error)) this.#lookAgain()
        const isMoving = isReply(error) && /^(TRYAGAIN|CLUSTERDOWN)/.test(error.message)
        if (!isMoving || performance.now() > deadline) throw error
      }
      await delay(PAUSE_MS)
    }
  }

  /** One of the nodes does not answer, and it may be the only one that does not. */
  protected onSilence(): void {
    this.#lookAgain()
  }

  #connected(): Opened<Cluster> {
    if (this.#current === null) throw new Error('NOT_CONNECTED')
    return this.#current
  }

  #lookAgain(): void {
    if (this.#isLookingAgain || this.#closed) return
    this.#isLookingAgain = true
    setTimeout(() => this.emit('end'), LOOK_AGAIN_MS).unref()
  }

  #retire(former: Opened<Cluster>): void {
    this.#former.add(former)
    setTimeout(() => {
      this.#former.delete(former)
      former.end()
    }, this.timeoutMs).unref()
  }
}

/** A node that has left the Cluster knows of no other. */
async function lookUp(client: Cluster): Promise<void> {
  await client.connect()
  if (client.masters.length === 0) throw new Error('CLUSTERDOWN')
}
