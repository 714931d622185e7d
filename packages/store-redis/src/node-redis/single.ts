import type { Call, DurableCall, Subscriber } from '../link.ts'
import type { RedisNode } from '../options.ts'
import type { Opened, Single, Words } from './client.ts'
import { connectInTime, NodeRedisLink, waitWords, wordsOf } from './link.ts'

/** A client that is not yet connected. */
export interface Target {
  readonly opened: Opened<Single>
  /** The node it goes to, where there are several. */
  readonly node?: RedisNode
  readonly mustBeMaster?: boolean
}

/** Where a connection goes. It is asked again for every connection. */
export type Opener = (signal: AbortSignal) => Promise<Target>

/** A connection to one server: a new client of node-redis for each time it connects. */
export class SingleLink extends NodeRedisLink implements Subscriber {
  readonly isCluster = false
  readonly #open: Opener
  readonly #onMessage: (channel: string, message: string) => void
  #current: Opened<Single> | null = null
  #node: RedisNode | undefined
  #connecting = new AbortController()
  #closed = false

  constructor(
    timeoutMs: number,
    open: Opener,
    onMessage: (channel: string, message: string) => void = () => {},
  ) {
    super(timeoutMs)
    this.#open = open
    this.#onMessage = onMessage
  }

  get isReady(): boolean {
    return this.#current !== null
  }

  async connect(): Promise<void> {
    if (this.isReady || this.#closed) return
    const trying = new AbortController()
    this.#connecting = trying
    try {
      await connectInTime(this.#connect(trying.signal), this.timeoutMs, () => trying.abort())
    } catch (error) {
      this.emit('error', error)
      this.emit('end')
      throw error
    }
    this.emit('ready')
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { opened, node, mustBeMaster } = await this.#open(signal)
    const { client } = opened
    const end = () => opened.end()
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    try {
      await client.connect()
      if (mustBeMaster) await requireMaster(client)
      signal.throwIfAborted()
    } catch (error) {
      opened.end()
      throw error
    } finally {
      signal.removeEventListener('abort', end)
    }
    client.on('error', (error: unknown) => this.#lose(opened, error))
    this.#current = opened
    this.#node = node
    if (!client.isReady) this.#lose(opened, new Error('CONNECTION_LOST'))
  }

  close(): void {
    this.#closed = true
    this.#connecting.abort()
    this.#current?.end()
    this.#current = null
  }

  subscribe(channels: readonly string[]): Promise<unknown> {
    const { client } = this.#connected()
    return this.inTime(client.subscribe([...channels], this.#hear))
  }

  async runAndWait(by: Call, call: DurableCall): Promise<[unknown, number]> {
    const { client } = this.#connected()
    // In one turn, and so by one socket: after a reconnect in between, WAIT would answer for nothing.
    const answers = Promise.all([client.sendCommand(wordsOf(by, call)), client.sendCommand(waitWords(call))])
    const [outcome, replicas] = await this.inTime(answers.catch((error) => this.#refuse(error)))
    return [outcome, Number(replicas)]
  }

  /** Leaves a node that is not in the list: it has left the Cluster and receives no more messages, although it runs. */
  leaveUnless(nodes: readonly RedisNode[]): void {
    const { host, port } = this.#node ?? {}
    if (this.#current === null || nodes.some((node) => node.host === host && node.port === port)) return
    this.#lose(this.#current, new Error('NODE_LEFT'))
  }

  protected async send(_key: string | undefined, words: Words): Promise<unknown> {
    try {
      return await this.#connected().client.sendCommand(words)
    } catch (error) {
      return this.#refuse(error)
    }
  }

  protected onSilence(isDead: boolean): void {
    if (isDead && this.#current) this.#lose(this.#current, new Error('Command timed out'))
  }

  readonly #hear = (message: string, channel: string): void => this.#onMessage(channel, message)

  #connected(): Opened<Single> {
    if (this.#current === null) throw new Error('NOT_CONNECTED')
    return this.#current
  }

  /** A master that became a replica refuses writes: find the new one. */
  #refuse(error: unknown): never {
    const isReplica = error instanceof Error && error.message.startsWith('READONLY')
    if (isReplica && this.#current) this.#lose(this.#current, error)
    throw error
  }

  #lose(opened: Opened<Single>, error: unknown): void {
    if (this.#current !== opened) return
    this.#current = null
    opened.end()
    this.emit('error', error)
    this.emit('end')
  }
}

/** A sentinel may not know yet that its master has become a replica. */
async function requireMaster(client: Single): Promise<void> {
  const facts = String(await client.sendCommand(['INFO', 'replication']))
  if (!facts.includes('role:master')) throw new Error('NOT_A_MASTER')
}
