import type { Script } from './scripts.ts'

export type Argument = string | number | Buffer

/** A script with its keys, all in one slot, and its arguments. */
export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly Argument[]
}

/** A script whose writes must be on some replicas within a time. */
export interface DurableCall extends ScriptCall {
  readonly replicas: number
  readonly waitMs: number
}

/** By its digest, which the server may not know, or by its text. */
export type Call = 'evalsha' | 'eval'

/**
 * A connection to Redis: one server, the master that sentinels know, or all masters of a Cluster. It sends each command once and at
 * once, and fails what is not answered in time; it does not connect again by itself. Strings of replies are buffers.
 */
export interface Link {
  readonly isReady: boolean
  /** Whether commands go to several masters. */
  readonly isCluster: boolean
  /** `end` says that there is no whole connection any more: connect again. */
  on(event: 'ready' | 'end', listener: () => void): void
  on(event: 'error', listener: (error: unknown) => void): void
  connect(): Promise<unknown>
  close(): void
  /** Writes what is sent until the next turn of the event loop at once. */
  gather(): void
  ping(): Promise<unknown>
  get(key: string): Promise<Buffer | null>
  set(key: string, value: string, lifeMs: number): Promise<unknown>
  /** Whether the key did not exist before. */
  setIfAbsent(key: string, value: string, lifeMs: number): Promise<boolean>
  getAndDelete(key: string): Promise<Buffer | null>
  exists(key: string): Promise<boolean>
  getHash(key: string): Promise<Readonly<Record<string, Buffer>>>
  run(by: Call, call: ScriptCall): Promise<unknown>
  /**
   * Writes the script and WAIT to one node at once, and returns what both answered. With the address from a redirection it asks
   * that node, if it is known. It follows no redirection by itself.
   */
  runAndWait(
    by: Call,
    call: DurableCall,
    address?: string,
  ): Promise<readonly [outcome: unknown, replicas: number]>
}

/** A connection for subscriptions only. */
export interface Subscriber extends Link {
  subscribe(channels: readonly string[]): Promise<unknown>
}

/** What the stores need of a library for Redis. */
export interface Driver {
  /** Makes a connection, not yet connected, in which an answer may take this long. */
  open(timeoutMs: number): Link
  /** Makes the connection for events. In a Cluster, whose nodes all receive every message, it connects to any node of `main`. */
  openSubscriber(
    timeoutMs: number,
    main: Link,
    onMessage: (channel: string, message: string) => void,
  ): Subscriber
  /** What the library adds to channels by the settings of the app's own client. */
  readonly channelPrefix: string
}
