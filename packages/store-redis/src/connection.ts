import { BffError } from '@bff/core'
import { isNoScript, runDurably } from './durable.ts'
import type { Argument, Driver, Link, Subscriber } from './link.ts'
import type { Settings } from './options.ts'
import type { Script } from './scripts.ts'

/** The pause before it subscribes again, when the server refused that or did not answer. */
const RESTORE_MS = 1_000

/** The store's connections. Every fault becomes `store_unavailable`, without keys or values in its message. */
export class Connection {
  readonly #settings: Settings
  readonly #driver: Driver
  readonly #main: Gate<Link>
  readonly #durable: Gate<Link>
  /** What to subscribe to again after a reconnect. */
  readonly #channels = new Set<string>()
  #subscriber: Gate<Subscriber> | null = null
  #closed = false

  constructor(settings: Settings, driver: Driver) {
    const { operationTimeoutMs, durable } = settings
    this.#settings = settings
    this.#driver = driver
    this.#main = new Gate(driver.open(operationTimeoutMs), operationTimeoutMs)
    // WAIT holds up what is behind it on its connection, so it gets one of its own.
    const timeoutMs = operationTimeoutMs + (durable?.timeoutMs ?? 500)
    this.#durable = durable ? new Gate(driver.open(timeoutMs), operationTimeoutMs) : this.#main
  }

  /** Reads one value. Every request does: it costs no function and no promise more than that takes. */
  async read(key: string): Promise<Buffer | null> {
    const gate = this.#main
    try {
      this.#requireOpen()
      if (!gate.isReady) await gate.pass()
      gate.link.gather()
      return await gate.link.get(key)
    } catch (error) {
      throw this.#faultOf(gate, error)
    }
  }

  /** Sends commands that read, or that may be lost in a failover. */
  run<T>(send: (link: Link) => Promise<T>): Promise<T> {
    return this.#guard(this.#main, send)
  }

  script(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const call = { script, keys, args }
    return this.run(async (link) => {
      try {
        return await link.run('evalsha', call)
      } catch (error) {
        if (!isNoScript(error)) throw error
        return link.run('eval', call)
      }
    })
  }

  /** Runs a script whose writes must be on as many replicas as the options say (STO-14). */
  durably(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { durable, operationTimeoutMs } = this.#settings
    if (durable === undefined) return this.script(script, keys, args)
    const { replicas, timeoutMs: waitMs = 500 } = durable
    const call = { script, keys, args, replicas, waitMs }
    return this.#guard(this.#durable, (link) => runDurably(link, call, operationTimeoutMs))
  }

  /** Subscribes the connection that receives events. `onMessage` receives every event. */
  async subscribe(channel: string, onMessage: (channel: string, message: string) => void): Promise<void> {
    // Only once it is connected does a Cluster client know the nodes.
    if (this.#main.link.isCluster) await this.run(async () => {})
    this.#subscriber ??= this.#listen(onMessage)
    await this.#guard(this.#subscriber, (link) => link.subscribe([channel]))
    this.#channels.add(channel)
  }

  close(): void {
    this.#closed = true
    for (const gate of this.#gates()) gate.close()
  }

  #listen(onMessage: (channel: string, message: string) => void): Gate<Subscriber> {
    const { operationTimeoutMs } = this.#settings
    const link = this.#driver.openSubscriber(operationTimeoutMs, this.#main.link, onMessage)
    let again: NodeJS.Timeout | undefined
    const restore = (): void => {
      clearTimeout(again)
      if (!link.isReady || this.#channels.size === 0) return
      link.subscribe([...this.#channels]).catch(() => {
        // One attempt at a time, however often the connection was lost meanwhile.
        clearTimeout(again)
        again = setTimeout(restore, RESTORE_MS).unref()
      })
    }
    link.on('ready', restore)
    return new Gate(link, operationTimeoutMs)
  }

  async #guard<T, L extends Link>(gate: Gate<L>, send: (link: L) => Promise<T>): Promise<T> {
    try {
      this.#requireOpen()
      await gate.pass()
      gate.link.gather()
      return await send(gate.link)
    } catch (error) {
      throw this.#faultOf(gate, error)
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new BffError('store_unavailable', 'The Redis store is closed. Make a new one.')
  }

  #faultOf(gate: Gate<Link>, error: unknown): BffError {
    if (error instanceof BffError) return error
    if (isTimeout(error)) this.#probeAllBut(gate)
    return new BffError('store_unavailable', undefined, { cause: withoutData(error) })
  }

  /** The fault of one connection may affect the others: a connection that does not answer this probe is closed, too. */
  #probeAllBut(silent: Gate<Link>): void {
    for (const gate of this.#gates()) if (gate !== silent) gate.probe()
  }

  #gates(): Set<Gate<Link>> {
    return new Set<Gate<Link>>([this.#main, this.#durable, ...(this.#subscriber ? [this.#subscriber] : [])])
  }
}

/**
 * Passes commands on only while there is a connection; it waits for the first attempt to connect. It restores a lost
 * connection in the background, which does not keep the process running.
 */
class Gate<L extends Link> {
  readonly link: L
  readonly #timeoutMs: number
  #first: Promise<void> | null = null
  /** Why there is no connection, if the client said so. */
  #lastError: unknown = null
  #attempts = 0
  #next: NodeJS.Timeout | undefined
  #closed = false

  constructor(link: L, timeoutMs: number) {
    this.link = link
    this.#timeoutMs = timeoutMs
    link.on('error', (error: unknown) => {
      this.#lastError = error
    })
    link.on('ready', () => {
      this.#lastError = null
      this.#attempts = 0
    })
    link.on('end', () => this.#connectLater())
  }

  get isReady(): boolean {
    return this.link.isReady
  }

  async pass(): Promise<void> {
    if (this.isReady) return
    this.#first ??= this.#connect()
    await this.#first
    if (!this.isReady) throw new Error('NOT_CONNECTED', { cause: this.#lastError })
  }

  /** Detects a dead connection: it answers, or it ends. */
  probe(): void {
    if (this.isReady) this.link.ping().catch(() => {})
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#next)
    this.link.close()
  }

  #connect(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        resolve()
      }
      this.link.connect().then(settle, settle)
    })
  }

  #connectLater(): void {
    if (this.#closed) return
    clearTimeout(this.#next)
    const pause = backoff(++this.#attempts)
    this.#next = setTimeout(() => void this.link.connect().catch(() => {}), pause).unref()
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
  const reason = cause instanceof Error ? ` (${wordOf(cause)}${addressIn(cause)})` : ''
  return new Error(`Redis: ${name} ${wordOf(error)}${reason}`)
}

/** Returns the address that Node adds to an error of a socket, with a space in front, or nothing. */
function addressIn(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { address, port, hostname }: { address?: string; port?: number; hostname?: string } = Object(first)
  if (address !== undefined) return port === undefined ? ` ${address}` : ` ${address}:${port}`
  return hostname === undefined ? '' : ` ${hostname}`
}

/**
 * Returns the word that tells the kind of an error. Inside a script, Redis before 7 puts `ERR` and the script's name in front of
 * `WRONGTYPE`.
 */
export function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  // A Cluster says only that all nodes failed, and keeps why.
  const { message, code, lastNodeError }: NodeJS.ErrnoException & { lastNodeError?: unknown } = error
  if (lastNodeError instanceof Error) return wordOf(lastNodeError)
  const word = /\bWRONGTYPE\b/.exec(message)?.[0] ?? /^[A-Z_]{3,}\b/.exec(message)?.[0]
  return code ?? word ?? (isTimeout(error) ? 'TIMEOUT' : 'FAILED')
}
