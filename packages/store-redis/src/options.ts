import type { ConnectionOptions } from 'node:tls'
import { BffError } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import type { Cluster, Redis } from 'ioredis'

/** A server's address. */
export interface RedisNode {
  readonly host: string
  readonly port: number
}

/** How to reach Redis: set exactly one of `client`, `url`, `sentinels` and `cluster`. */
export interface RedisStoreOptions {
  /** The app's own ioredis client. The store uses its settings for separate connections, and does not change or close it. */
  readonly client?: Redis | Cluster
  /** `redis://`, `rediss://` (TLS) or `unix://` address of one server. */
  readonly url?: string
  /** The sentinels that know the address of the master `name`. */
  readonly sentinels?: readonly RedisNode[]
  /** The name of the master at the sentinels. */
  readonly name?: string
  /** Some nodes of a Redis Cluster. */
  readonly cluster?: readonly RedisNode[]
  /** ACL user. */
  readonly username?: string
  readonly password?: string
  /** The password of the sentinels themselves. */
  readonly sentinelPassword?: string
  /** Database index; not for Cluster. @default 0 */
  readonly db?: number
  /** TLS 1.2 or newer: `true`, or Node's options such as `ca`. @default false */
  readonly tls?: boolean | ConnectionOptions
  /** The prefix of every key and channel. @default 'bff:' */
  readonly prefix?: string
  /** The longest wait for one response of Redis, including the time to connect, in milliseconds. @default 1000 */
  readonly operationTimeoutMs?: number
  /** How long a revoked session is kept, in milliseconds from its revocation. @default 30 days */
  readonly retainRevokedMs?: number
  /** Lets a revocation succeed only when this many replicas have it. @default replicas are not waited for */
  readonly durable?: DurableOptions
}

export interface DurableOptions {
  /** How many replicas must have it, besides the master. */
  readonly replicas: number
  /** The longest wait for them, in milliseconds. @default 500 */
  readonly timeoutMs?: number
}

/** The checked options with their defaults. */
export type Settings = RedisStoreOptions &
  Required<Pick<RedisStoreOptions, 'prefix' | 'operationTimeoutMs' | 'retainRevokedMs'>>

const DAY_MS = 86_400_000

/** @throws BffError `invalid_config` for an option that does not exist */
export function refuseUnknownOptions(of: string, options: object, further: readonly string[] = []): void {
  refuseUnknown(of, options, [...PLACES, ...CONNECTION, ...SHARED, ...further])
}

/** @throws BffError `invalid_config` with a sentence that says what to change; it repeats no value */
export function readOptions(options: RedisStoreOptions): Settings {
  requireOnePlace(options)
  const { db = 0, cluster, client, prefix = 'bff:', durable, name } = options
  const { operationTimeoutMs = 1000, retainRevokedMs = 30 * DAY_MS } = options
  check(Number.isInteger(db) && db >= 0, 'db must be a whole number, 0 or above')
  check(db === 0 || cluster === undefined, 'a Redis Cluster has no db; remove it')
  check(
    client === undefined || !CONNECTION.some((member) => options[member] !== undefined),
    `client brings its own connection settings; remove ${CONNECTION.join(', ')}`,
  )
  check(
    (options.sentinels === undefined) === (name === undefined),
    'sentinels and name belong together; set both',
  )
  check(name === undefined || name.trim() !== '', 'name must not be empty')
  check(typeof prefix === 'string' && prefix.trim() !== '', 'prefix must not be empty')
  // Braces would decide the Cluster slot in place of the store's own.
  check(!/[{}]/.test(prefix), 'prefix must not contain braces')
  check(
    operationTimeoutMs > 0 && Number.isFinite(operationTimeoutMs),
    'operationTimeoutMs must be a positive number of milliseconds',
  )
  check(
    retainRevokedMs > 0 && Number.isFinite(retainRevokedMs),
    'retainRevokedMs must be a positive number of milliseconds',
  )
  if (durable !== undefined) {
    refuseUnknown('durable', durable, DURABLE)
    const { replicas, timeoutMs = 500 } = durable
    check(Number.isInteger(replicas) && replicas > 0, 'durable.replicas must be a whole number above zero')
    check(
      Number.isInteger(timeoutMs) && timeoutMs > 0,
      'durable.timeoutMs must be a positive whole number of milliseconds',
    )
  }
  requireModernTls(options.tls)
  return { ...options, prefix, operationTimeoutMs, retainRevokedMs: Math.ceil(retainRevokedMs) }
}

/** The options that the limiter has too. */
const SHARED = ['name', 'prefix', 'operationTimeoutMs'] as const
const DURABLE = ['replicas', 'timeoutMs'] as const
const PLACES = ['client', 'url', 'sentinels', 'cluster'] as const
const CONNECTION = ['username', 'password', 'sentinelPassword', 'db', 'tls'] as const

function requireOnePlace(options: RedisStoreOptions): void {
  const given = PLACES.filter((place) => options[place] !== undefined)
  check(given.length === 1, `give exactly one of ${PLACES.join(', ')}`)
  const { url, sentinels, cluster } = options
  if (url !== undefined) {
    const sentence = 'url must be a redis://, rediss:// or unix:// address'
    check(/^(rediss?|unix):\/\/./.test(url) && URL.canParse(url), sentence)
    const { protocol, pathname } = new URL(url)
    check(
      protocol === 'unix:' || /^(\/\d*)?$/.test(pathname),
      `${sentence}, with at most a database index behind it`,
    )
  }
  for (const [place, nodes] of Object.entries({ sentinels, cluster })) {
    const valid = nodes?.every((node) => node.host.trim() !== '' && node.port > 0 && node.port < 65_536)
    check(
      nodes === undefined || (nodes.length > 0 && valid === true),
      `${place} must list at least one node, each with host and port`,
    )
  }
}

function requireModernTls(tls: RedisStoreOptions['tls']): void {
  if (typeof tls !== 'object') return
  const old = /^TLSv1(\.1)?$/
  check(
    !old.test(tls.minVersion ?? '') && !old.test(tls.maxVersion ?? ''),
    'TLS before 1.2 is not safe; remove tls.minVersion',
  )
}

function check(valid: boolean, sentence: string): void {
  if (!valid) throw new BffError('invalid_config', `redisStore: ${sentence}.`)
}
