import type { Redis } from 'ioredis'
import type { Call, Driver, DurableCall, ScriptCall, Subscriber } from '../link.ts'
import type { Settings } from '../options.ts'
import { type Client, createClient, createSubscriber, isCluster } from './client.ts'

/** ioredis 5 or 6, with the settings of the app's own client if it gave one. */
export function ioredis(settings: Settings, client?: Client): Driver {
  const place = { ...settings, client }
  return {
    open: (timeoutMs) => new IoredisLink(createClient(place, timeoutMs)),
    openSubscriber(timeoutMs, main, onMessage) {
      if (!(main instanceof IoredisLink)) throw new TypeError('Not a connection of ioredis.')
      const subscriber = createSubscriber(place, timeoutMs, main.client)
      subscriber.on('message', onMessage)
      return new IoredisLink(subscriber)
    },
    // ioredis 5 adds the prefix of the app's own client to channels, ioredis 6 does not.
    channelPrefix: client?.options.keyPrefix ?? '',
  }
}

class IoredisLink implements Subscriber {
  readonly client: Client
  readonly isCluster: boolean
  #gathers = false

  constructor(client: Client) {
    this.client = client
    this.isCluster = isCluster(client)
  }

  get isReady(): boolean {
    return this.client.status === 'ready'
  }

  on(event: 'ready' | 'end' | 'error', listener: (error: unknown) => void): void {
    this.client.on(event, listener)
  }

  connect(): Promise<unknown> {
    return this.client.connect()
  }

  close(): void {
    // Nothing to end: ioredis would wait two seconds for a connection that is gone to go.
    if (this.client.status !== 'end') this.client.disconnect()
  }

  gather(): void {
    const { client } = this
    if (this.#gathers || isCluster(client)) return
    const { stream } = client
    this.#gathers = true
    stream.cork()
    setImmediate(() => {
      this.#gathers = false
      stream.uncork()
    })
  }

  /** ioredis closes a connection on which nothing comes back for `socketTimeout`. */
  ping(): Promise<unknown> {
    return this.client.ping()
  }

  get(key: string): Promise<Buffer | null> {
    return this.client.getBuffer(key)
  }

  set(key: string, value: string, lifeMs: number): Promise<unknown> {
    return this.client.set(key, value, 'PX', lifeMs)
  }

  async setIfAbsent(key: string, value: string, lifeMs: number): Promise<boolean> {
    return (await this.client.set(key, value, 'PX', lifeMs, 'NX')) === 'OK'
  }

  getAndDelete(key: string): Promise<Buffer | null> {
    return this.client.getdelBuffer(key)
  }

  async exists(key: string): Promise<boolean> {
    return (await this.client.exists(key)) > 0
  }

  getHash(key: string): Promise<Record<string, Buffer>> {
    return this.client.hgetallBuffer(key)
  }

  run(by: Call, { script, keys, args }: ScriptCall): Promise<unknown> {
    return this.client.callBuffer(by, textOf(by, script), keys.length, ...keys, ...args)
  }

  async runAndWait(by: Call, call: DurableCall, address?: string): Promise<[unknown, number]> {
    const node = address === undefined ? undefined : this.#findNode(address)
    const keys = node === undefined ? call.keys : this.#keysOf(call, node)
    // One write to one socket: after a reconnect in between, WAIT would answer for nothing.
    const pipeline = (node ?? this.client).pipeline()
    if (node !== undefined) pipeline.asking()
    pipeline.callBuffer(by, textOf(by, call.script), keys.length, ...keys, ...call.args)
    pipeline.call('wait', call.replicas, call.waitMs)
    const [outcome, waited] = (await pipeline.exec())?.slice(node === undefined ? 0 : 1) ?? []
    const fault = outcome?.[0] ?? waited?.[0]
    if (fault) throw fault
    return [outcome?.[1], Number(waited?.[1])]
  }

  subscribe(channels: readonly string[]): Promise<unknown> {
    return this.client.subscribe(...channels)
  }

  /** Returns the node at the address in a redirection, which the app's own client may know by another address. */
  #findNode(address: string): Redis | undefined {
    if (!isCluster(this.client)) return undefined
    const { natMap } = this.client.options
    const mapped = typeof natMap === 'function' ? natMap(address) : natMap?.[address]
    const known = mapped ? `${mapped.host}:${mapped.port}` : address
    return this.client.nodes('all').find(({ options }) => `${options.host}:${options.port}` === known)
  }

  /** A Cluster client adds its prefix to keys, its nodes do not. */
  #keysOf({ keys }: DurableCall, node: Redis): readonly string[] {
    const prefix = node.options.keyPrefix ? '' : (this.client.options.keyPrefix ?? '')
    return keys.map((key) => prefix + key)
  }
}

function textOf(by: Call, { sha, lua }: ScriptCall['script']): string {
  return by === 'evalsha' ? sha : lua
}
