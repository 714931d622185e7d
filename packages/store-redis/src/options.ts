import type { ConnectionOptions } from 'node:tls'
import {
  invalidOptions,
  type OptionRule,
  type OptionValues,
  option,
  readOptions,
  requireOneOf,
} from '@bff/core/authoring'

/** A server's address. */
export interface RedisNode {
  readonly host: string
  readonly port: number
}

/** The options of a store and of a limiter, the same for every library. */
export interface SharedRedisOptions {
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
  /** The password of that user. */
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
}

/** The options of a store, the same for every library. */
export interface SharedStoreOptions extends SharedRedisOptions {
  /** How long a revoked session is kept, in milliseconds from its revocation. @default 604_800_000 (7 days) */
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

const DAY_MS = 86_400_000

const isNode = (node: unknown): node is RedisNode =>
  typeof node === 'object' &&
  node !== null &&
  'host' in node &&
  typeof node.host === 'string' &&
  node.host.trim() !== '' &&
  'port' in node &&
  Number(node.port) > 0 &&
  Number(node.port) < 65_536

const nodes: OptionRule<readonly RedisNode[] | undefined> = (value, invalid) => {
  if (value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isNode))) return value
  throw invalid('must list at least one node, each with host and port')
}

const url: OptionRule<string | undefined> = (value, invalid) => {
  if (value === undefined) return undefined
  const address = String(value)
  const sentence = 'must be a redis://, rediss:// or unix:// address'
  if (!/^(rediss?|unix):\/\/./.test(address) || !URL.canParse(address)) throw invalid(sentence)
  const { protocol, pathname } = new URL(address)
  if (protocol !== 'unix:' && !/^(\/\d*)?$/.test(pathname))
    throw invalid(`${sentence}, with at most a database index behind it`)
  return address
}

const filled = (fallback?: string): OptionRule<string | undefined> => {
  const rule = option.optional(option.text())
  return (value, invalid) => rule(value ?? fallback, invalid)
}

/** Braces would decide the Cluster slot in place of the store's own. */
const prefix: OptionRule<string> = (value, invalid) => {
  const text = filled('bff:')(value, invalid) ?? ''
  if (/[{}]/.test(text)) throw invalid('must not contain braces')
  return text
}

const tls: OptionRule<boolean | ConnectionOptions | undefined> = (value, invalid) => {
  const given = option.given<boolean | ConnectionOptions>()(value, invalid)
  const { minVersion = '', maxVersion = '' } = typeof given === 'object' ? given : {}
  if ([minVersion, maxVersion].some((version) => /^TLSv1(\.1)?$/.test(version)))
    throw invalid('allows TLS before 1.2, which is not safe. Remove minVersion')
  return given
}

const durable: OptionRule<Required<DurableOptions> | undefined> = (value) =>
  value === undefined
    ? undefined
    : readOptions(
        'durable',
        value as DurableOptions,
        {
          replicas: option.wholeNumber(0, 1),
          timeoutMs: option.wholeNumber(500, 1),
        },
        '.',
      )

const LONGEST_MS = Number.MAX_SAFE_INTEGER

/** The rules of {@link SharedRedisOptions}. */
const SHARED = {
  client: option.given<object>(),
  url,
  sentinels: nodes,
  name: filled(),
  cluster: nodes,
  username: option.given<string>(),
  password: option.given<string>(),
  sentinelPassword: option.given<string>(),
  db: option.optional(option.wholeNumber(0, 0)),
  tls,
  prefix,
  operationTimeoutMs: option.number(1000, 1, LONGEST_MS),
}

const STORE = {
  ...SHARED,
  retainRevokedMs: option.number(7 * DAY_MS, 1, LONGEST_MS),
  durable,
}

/** A limit must not hold a request as long as a session may. */
const LIMITER = { ...SHARED, operationTimeoutMs: option.number(250, 1, LONGEST_MS) }

/** The checked options with their defaults. */
export type Settings = Omit<OptionValues<typeof STORE>, 'client'>

/** @throws BffError `invalid_config` with a sentence that says what to change; it repeats no value */
export function readStoreOptions(options: WithClient<SharedStoreOptions>): Settings {
  const settings = readOptions('redisStore', options, STORE)
  requireOnePlace('redisStore', options)
  return { ...settings, retainRevokedMs: Math.ceil(settings.retainRevokedMs) }
}

/** @throws BffError `invalid_config` */
export function readLimiterOptions(options: WithClient<SharedRedisOptions>): Settings {
  const settings = readOptions('redisRateLimiter', options, LIMITER)
  requireOnePlace('redisRateLimiter', options)
  return { ...settings, retainRevokedMs: 0, durable: undefined }
}

type WithClient<Options> = Options & { readonly client?: object }

const CONNECTION = ['username', 'password', 'sentinelPassword', 'db', 'tls'] as const

function requireOnePlace(of: string, options: WithClient<SharedRedisOptions>): void {
  const { client, cluster, sentinels, name, db = 0 } = options
  requireOneOf(of, options, ['client', 'url', 'sentinels', 'cluster'])
  if (db !== 0 && cluster !== undefined) throw invalidOptions(of, 'a Redis Cluster has no db. Remove it')
  if (client !== undefined && CONNECTION.some((member) => options[member] !== undefined))
    throw invalidOptions(of, `client brings its own connection settings. Remove ${CONNECTION.join(', ')}`)
  if ((sentinels === undefined) !== (name === undefined))
    throw invalidOptions(of, 'sentinels and name belong together. Set both')
}
