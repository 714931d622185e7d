import type { TtlStore } from '../contracts/ttl-store.ts'
import { attachTo } from '../internal/attachment.ts'
import type { PseudonymKey } from './pseudonym-key.ts'

/** Short-lived values under hashed keys, sealed so that they can still be compared where they are kept. */
export function pseudonymousValues(ttl: TtlStore, { hash, seal, open }: PseudonymKey): TtlStore {
  const sealed = async (key: string, value: string) => {
    const name = await hash('key', key)
    return [name, await seal(name, value)] as const
  }
  const opened = async (name: string, value: string | null) => (value === null ? null : open(name, value))

  return {
    async set(key, value, ttlMs, options) {
      await ttl.set(...(await sealed(key, value)), ttlMs, options)
    },
    async get(key) {
      const name = await hash('key', key)
      return opened(name, await ttl.get(name))
    },
    async setIfAbsent(key, value, ttlMs) {
      return ttl.setIfAbsent(...(await sealed(key, value)), ttlMs)
    },
    async take(key) {
      const name = await hash('key', key)
      return opened(name, await ttl.take(name))
    },
    async extend(key, value, ttlMs) {
      return ttl.extend(...(await sealed(key, value)), ttlMs)
    },
    async compareAndDelete(key, value) {
      return ttl.compareAndDelete(...(await sealed(key, value)))
    },
    ...attachTo(ttl),
  }
}
