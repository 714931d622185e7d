import type { SessionHandle, Stores } from '@bff/core'
import { Cluster, Redis } from 'ioredis'
import { redisStore as ioredisStore, type SharedStoreOptions } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { decodeRecord } from '../src/record.ts'

export const START = Date.UTC(2030, 0, 1)
let opened = 0

/** `redisStore` of the entry for one library. */
export type Library = (options: SharedStoreOptions) => Stores

/** Shortens the life of every key by ARGV[1] milliseconds, as if that much time had passed. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end
end`

/** Reaches Redis behind the adapter's back, on all its masters. */
export function backdoor(target: { url?: string; cluster?: readonly { host: string; port: number }[] }) {
  const nodes = target.cluster ?? []
  const client = target.url === undefined ? new Cluster([...nodes]) : new Redis(target.url)
  // Laws kill the server under it: what fails then is told by the call that fails.
  client.on('error', () => {})
  const masters = async (): Promise<Redis[]> => {
    if (client instanceof Redis) return [client]
    await client.ping()
    return client.nodes('master')
  }
  return {
    client,
    masters,
    peek: async (handle: SessionHandle, prefix: string) => {
      const [key] = new Keys(prefix).session(handle)
      const value = await client.getBuffer(key)
      return value === null ? null : decodeRecord(handle, value)
    },
    empty: async () => {
      for (const master of await masters()) await master.flushall()
    },
    age: async (ms: number) => {
      for (const master of await masters()) await master.eval(AGE, 0, ms)
    },
    keys: async () => {
      const found = await Promise.all((await masters()).map((master) => master.keys('*')))
      return found.flat().sort()
    },
    close: () => client.disconnect(),
  }
}

/** Fresh stores on servers that are emptied first. Time passes by shortening the life of what Redis holds. */
export async function openRedis(
  options: SharedStoreOptions,
  back: ReturnType<typeof backdoor>,
  redisStore: Library = ioredisStore,
  // A Cluster passes messages on when it likes: events of the law before must not come in here.
  prefix = `laws${opened++}:`,
) {
  await back.empty()
  let now = START
  const [stores, another] = [1, 2].map(() =>
    redisStore({ prefix, operationTimeoutMs: 5000, ...options }),
  ) as [Stores, Stores]
  return {
    prefix,
    stores,
    another,
    now: () => now,
    advance: async (ms: number) => {
      now += ms
      await back.age(ms)
    },
    peek: (handle: SessionHandle) => back.peek(handle, prefix),
    close: async () => void (await Promise.all([stores.sessions.close(), another.sessions.close()])),
  }
}
