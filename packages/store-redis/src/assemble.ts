import type { Stores } from '@bff/core'
import { Connection } from './connection.ts'
import { RedisEventBus } from './events.ts'
import { Keys } from './keys.ts'
import type { Driver } from './link.ts'
import type { Settings } from './options.ts'
import { RedisSessionStore } from './sessions.ts'
import { RedisTtlStore } from './ttl.ts'

/** The stores of `redisStore`. Closing `sessions` closes `ttl` and `events` too. */
export type RedisStores = Stores

/** The stores on either library. */
export function assembleStores(settings: Settings, driver: Driver): RedisStores {
  const connection = new Connection(settings, driver)
  const keys = new Keys(settings.prefix)
  return {
    sessions: new RedisSessionStore(connection, keys, settings.retainRevokedMs),
    ttl: new RedisTtlStore(connection, keys),
    events: new RedisEventBus(connection, keys, driver.channelPrefix),
  }
}
