import type { Stores } from '@bff/core'
import { Connection } from './connection.ts'
import { RedisEventBus } from './events.ts'
import { Keys } from './keys.ts'
import { type RedisStoreOptions, readOptions, refuseUnknownOptions } from './options.ts'
import { RedisSessionStore } from './sessions.ts'
import { RedisTtlStore } from './ttl.ts'

export type { DurableOptions, RedisNode, RedisStoreOptions } from './options.ts'

/** The stores of {@link redisStore}. Closing `sessions` closes `ttl` and `events` too. */
export type RedisStores = Stores

/**
 * Makes a store in Redis 6.2 or newer, or Valkey: one server, a master with Sentinel, or a Cluster.
 *
 * It connects on first use. While Redis does not answer, every call throws `store_unavailable` within `operationTimeoutMs`
 * for each response it needs, and at once after a connection was lost. It recovers by itself.
 *
 * @throws BffError `invalid_config` when an option is missing or wrong
 */
export function redisStore(options: RedisStoreOptions): RedisStores {
  refuseUnknownOptions('redisStore', options, ['retainRevokedMs', 'durable'])
  const settings = readOptions(options)
  const connection = new Connection(settings)
  const keys = new Keys(settings.prefix)
  return {
    sessions: new RedisSessionStore(connection, keys, settings.retainRevokedMs),
    ttl: new RedisTtlStore(connection, keys),
    events: new RedisEventBus(connection, keys, settings.client?.options.keyPrefix ?? ''),
  }
}
