import { BffError } from '@bff/core'
import { type Client, createClient, createSubscriber, isCluster } from './client.ts'
import { isNoScript, runDurably } from './durable.ts'
import type { Settings } from './options.ts'
import type { Script } from './scripts.ts'

export type Argument = string | number | Buffer

/** The store's connections. Every fault becomes `store_unavailable`, without keys or values in its message. */
export class Connection {
  readonly #settings: Settings
  readonly #main: Gate
  readonly #durable: Gate
  #subscriber: Gate | null = null
  #closed = false

  constructor(settings: Settings) {
    const { operationTimeoutMs, durable } = settings
    this.#settings = settings
    this.#main = new Gate(createClient(settings, operationTimeoutMs), operationTimeoutMs)
    // WAIT holds up what is behind it on its connection, so it gets one of its own.
    const timeoutMs = operationTimeoutMs + (durable?.timeoutMs ?? 500)
    this.#durable = durable ? new Gate(createClient(settings, timeoutMs), operationTimeoutMs) : this.#main
  }

  /** Sends commands that read, or that may be lost in a failover. */
  run<T>(send: (client: Client) => Promise<T>): Promise<T> {
    return this.#guard(this.#main, send)
  }

  script(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.run(async (client) => {
      try {
        return await client.callBuffer('evalsha', script.sha, keys.length, ...keys, ...args)
      } catch (error) {
        if (!isNoScript(error)) throw error
        return client.callBuffer('eval', script.lua, keys.length, ...keys, ...args)
      }
    })
  }

  /** Runs a script whose writes must be on as many replicas as the options say (STO-14). */
  durably(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { durable, operationTimeoutMs } = this.#settings
    if (durable === undefined) return this.script(script, keys, args)
    const { replicas, timeoutMs: waitMs = 500 } = durable
    const call = { script, keys, args, replicas, waitMs }
    return this.#guard(this.#durable, (client) => runDurably(client, call, operationTimeoutMs))
  }

  /** Sends to the connection that receives events. `onMessage` receives every event. */
  async subscriber<T>(
    onMessage: (channel: string, message: string) => void,
    send: (client: Client) => Promise<T>,
  ): Promise<T> {
    // Only once it is connected does a Cluster client know the nodes.
    if (isCluster(this.#main.client)) await this.run(async () => {})
    this.#subscriber ??= this.#listen(onMessage)
    return this.#guard(this.#subscriber, send)
  }

  close(): void {
    this.#closed = true
    for (const gate of this.#gates()) gate.close()
  }

  #listen(onMessage: (channel: string, message: string) => void): Gate {
    const { operationTimeoutMs } = this.#settings
    const client = createSubscriber(this.#settings, operationTimeoutMs, this.#main.client)
    client.on('message', onMessage)
    return new Gate(client, operationTimeoutMs)
  }

  async #guard<T>(gate: Gate, send: (client: Client) => Promise<T>): Promise<T> {
    if (this.#closed) throw new BffError('store_unavailable', 'The Redis store is closed. Make a new one.')
    try {
      await gate.pass()
      return await send(gate.client)
    } catch (error) {
      if (isTimeout(error)) this.#probeAllBut(gate)
      throw new BffError('store_unavailable', undefined, { cause: withoutData(error) })
    }
  }

  /** The fault of one connection may affect the others: a connection that does not answer this probe is closed, too. */
  #probeAllBut(silent: Gate): void {
    for (const gate of this.#gates()) if (gate !== silent) gate.probe()
  }

  #gates(): Set<Gate> {
    return new Set([this.#main, this.#durable, ...(this.#subscriber ? [this.#subscriber] : [])])
  }
}

/**
 * Passes commands on only while there is a connection; it waits for the first attempt to connect. It restores a lost
 * connection in the background, which does not keep the process running.
 */
class Gate {
  readonly client: Client
  readonly #timeoutMs: number
  #first: Promise<void> | null = null
  /** Why there is no connection, if the client said so. */
  #lastError: unknown = null
  #attempts = 0
  #next: NodeJS.Timeout | undefined
  #closed = false

  constructor(client: Client, timeoutMs: number) {
    this.client = client
    this.#timeoutMs = timeoutMs
    client.on('error', (error: unknown) => {
      this.#lastError = error
    })
    client.on('ready', () => {
      this.#lastError = null
      this.#attempts = 0
    })
    client.on('end', () => this.#connectLater())
  }

  async pass(): Promise<void> {
    if (this.#isReady()) return
    this.#first ??= this.#connect()
    await this.#first
    if (!this.#isReady()) throw new Error('NOT_CONNECTED', { cause: this.#lastError })
  }

  /** Detects a dead connection: ioredis closes one that receives nothing for `socketTimeout`. */
  probe(): void {
    // It answers, or its connection ends: do not wait for that.
    if (this.#isReady()) this.client.ping().catch(() => {})
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#next)
    // Nothing to end: ioredis would wait two seconds for a connection that is gone to go.
    if (this.client.status !== 'end') this.client.disconnect()
  }

  #isReady(): boolean {
    return this.client.status === 'ready'
  }

  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        resolve()
      }
      this.client.connect().then(settle, settle)
    })
  }

  #connectLater(): void {
    if (this.#closed) return
    clearTimeout(this.#next)
    const pause = backoff(++this.#attempts)
    this.#next = setTimeout(() => void this.client.connect().catch(() => {}), pause).unref()
  }
}

function backoff(attempt: number): number {
  return Math.min(1000, 25 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2)
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /time(d |)out/i.test(error.message)
}

/** Returns a short error: ioredis adds the command's arguments to its errors, and they must not be logged. */
function withoutData(error: unknown): Error {
  const { name, cause } = error instanceof Error ? error : new Error('UNKNOWN')
  const reason = cause instanceof Error ? ` (${wordOf(cause)})` : ''
  return new Error(`Redis: ${name} ${wordOf(error)}${reason}`)
}

function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  // A Cluster says only that all nodes failed, and keeps why.
  const { message, code, lastNodeError }: NodeJS.ErrnoException & { lastNodeError?: unknown } = error
  if (lastNodeError instanceof Error) return wordOf(lastNodeError)
  return code ?? /^[A-Z_]{3,}\b/.exec(message)?.[0] ?? (isTimeout(error) ? 'TIMEOUT' : 'FAILED')
}
