import { setMaxListeners } from 'node:events'
import type { ConnectionOptions } from 'node:tls'
import { BffError } from '@bff/core'
import * as nodeRedis from 'redis'
import type { RedisNode, Settings } from '../options.ts'
import { placeOf } from '../place.ts'

/** A client of `createClient` or `createCluster` of node-redis. */
export interface NodeRedisClient {
  duplicate(): unknown
}

/** The options of `createClient` that matter here; the others are passed on. */
export interface SingleOptions {
  readonly url?: string
  readonly socket?: object
}

/** The options of `createCluster` that matter here; the others are passed on. */
export interface ClusterOptions {
  readonly rootNodes: readonly object[]
  readonly defaults?: SingleOptions
  readonly nodeAddressMap?: Readonly<Record<string, RedisNode>> | ((address: string) => RedisNode | undefined)
}

/** How to make connections: to one server, or to a Cluster. */
export type Template =
  | { readonly kind: 'one'; readonly options: SingleOptions }
  | { readonly kind: 'cluster'; readonly options: ClusterOptions }

/** One connection, and what ends it and everything that began for it. */
export interface Opened<Client> {
  readonly client: Client
  end(): void
}

export type Words = readonly (string | Buffer)[]

/** What is used of a client of one server. The library's own types take the compiler half a minute. */
export interface Single {
  readonly isReady: boolean
  on(event: 'error', listener: (error: unknown) => void): void
  connect(): Promise<unknown>
  destroy(): void
  unref(): void
  sendCommand(words: Words): Promise<unknown>
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
}

/** A node of a Cluster. It has a client once it was asked. */
interface Node extends RedisNode {
  readonly address: string
  readonly client?: Single
}

/** What is used of a client of a Cluster. */
export interface Cluster {
  readonly masters: readonly Node[]
  readonly nodeByAddress: ReadonlyMap<string, Node>
  on(event: 'error' | 'node-error' | 'node-ready' | 'node-disconnect', listener: () => void): void
  connect(): Promise<unknown>
  destroy(): void
  sendCommand(key: string | undefined, isReadonly: boolean, words: Words): Promise<unknown>
  nodeClient(node: Node): Promise<Single>
  getNodeClientForKey(key: string): Promise<Single>
}

const createClient = nodeRedis.createClient as unknown as (options: object) => Single
const createCluster = nodeRedis.createCluster as unknown as (options: object) => Cluster

/** Whether the server itself answered with an error. */
export const isReply = (error: unknown): error is Error => error instanceof nodeRedis.ErrorReply

/** The type of bulk strings in RESP, which are read as buffers. */
const BULK_STRING = 36

/** Never a time limit of the library's own: it ends the wait, and leaves a dead connection in use. */
const COMMAND_OPTIONS = { timeout: 0, typeMapping: { [BULK_STRING]: Buffer } }

/** @throws BffError `invalid_config` for a client that is neither of one server nor of a Cluster */
export function templateOf(settings: Settings, client: NodeRedisClient | undefined): Template {
  if (client !== undefined) return templateOfClient(client)
  const { tls, host, port, path, db, ...access } = placeOf(settings)
  const socket = path === undefined ? { ...tlsOf(tls), ...(host && { host, port }) } : { path }
  const options = { ...access, ...(db !== undefined && { database: db }), socket }
  if (settings.cluster === undefined) return { kind: 'one', options }
  const rootNodes = settings.cluster.map((node) => ({ socket: { host: node.host, port: node.port } }))
  return { kind: 'cluster', options: { rootNodes, defaults: options } }
}

function templateOfClient(client: NodeRedisClient): Template {
  // The library keeps a Cluster's options to itself, but in a plain member.
  const { options, _options: cluster }: { options?: unknown; _options?: unknown } = client as object
  if (isRecord(cluster) && 'rootNodes' in cluster)
    return { kind: 'cluster', options: cluster as ClusterOptions }
  if (isRecord(options) && !('rootNodes' in options)) return { kind: 'one', options }
  throw new BffError(
    'invalid_config',
    'redisStore: client must come from createClient or createCluster of node-redis. With Sentinel, set sentinels and name.',
  )
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null

function tlsOf(tls: ConnectionOptions | undefined): object {
  return tls ? { ...tls, tls: true } : {}
}

/** Makes a client, not yet connected, of which nothing is queued, repeated or connected again. */
export function openSingle(options: SingleOptions, timeoutMs: number, node?: RedisNode): Opened<Single> {
  const ended = new AbortController()
  const { url: _, ...access } = options
  const client = createClient({
    ...(node === undefined ? options : access),
    ...common(),
    ...safe(timeoutMs, { ...options.socket, ...node }, ended.signal),
  })
  client.on('error', () => {})
  // An idle connection must not keep the process running; a call under way does, by its time limit.
  client.unref()
  return { client, end: () => end(client, ended) }
}

/** Makes a client of a Cluster that connects to a node when it is first asked. */
export function openCluster(options: ClusterOptions, timeoutMs: number): Opened<Cluster> {
  const ended = new AbortController()
  // One listener for each connection to a node.
  setMaxListeners(0, ended.signal)
  const defaults = options.defaults ?? {}
  const client = createCluster({
    ...options,
    ...common(),
    minimizeConnections: true,
    useReplicas: false,
    topologyRefreshOnReconnectionAttemptStrategy: false,
    commandOptions: COMMAND_OPTIONS,
    defaults: { ...defaults, ...safe(timeoutMs, defaults.socket ?? {}, ended.signal) },
  })
  client.on('error', () => {})
  client.on('node-error', () => {})
  client.on('node-ready', () => {
    for (const { client: node } of client.masters) node?.unref()
  })
  return { client, end: () => end(client, ended) }
}

/** Aborting reaches the sockets that the library does not: those that are being opened. */
function end(client: { destroy(): void }, ended: AbortController): void {
  client.destroy()
  ended.abort()
}

/** RESP2, and nothing of the app's client that belongs to it alone. The keys get no prefix but the store's. */
function common(): object {
  return {
    RESP: 2,
    clientSideCache: undefined,
    emitInvalidate: false,
    maintNotifications: 'disabled',
    keyPrefix: undefined,
  }
}

function safe(timeoutMs: number, socket: object, signal: AbortSignal): object {
  return {
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    readonly: false,
    commandOptions: COMMAND_OPTIONS,
    pingInterval: 0,
    commandsQueueMaxLength: 0,
    // `Connection` connects again: the timers of the library would keep the process running.
    socket: {
      ...socket,
      connectTimeout: timeoutMs,
      socketTimeout: undefined,
      reconnectStrategy: false,
      signal,
    },
  }
}
