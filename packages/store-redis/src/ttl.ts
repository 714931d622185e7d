import type { TtlStore, TtlWriteOptions } from '@bff/core'
import { requireTtl } from '@bff/core/store'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'
import { COMPARE_AND_DELETE, EXTEND, SET } from './scripts.ts'

/** Keeps values that expire by the server's own clock. */
export class RedisTtlStore implements TtlStore {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  async set(key: string, value: string, ttlMs: number, options: TtlWriteOptions = {}): Promise<void> {
    const life = lifeOf(ttlMs)
    if (options.durable === true) {
      await this.#connection.durably(SET, [this.#keys.value(key)], [value, life])
      return
    }
    await this.#connection.run((link) => link.set(this.#keys.value(key), value, life))
  }

  async get(key: string): Promise<string | null> {
    const value = await this.#connection.run((link) => link.get(this.#keys.value(key)))
    return value === null ? null : value.toString()
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    const life = lifeOf(ttlMs)
    return this.#connection.run((link) => link.setIfAbsent(this.#keys.value(key), value, life))
  }

  async take(key: string): Promise<string | null> {
    const value = await this.#connection.run((link) => link.getAndDelete(this.#keys.value(key)))
    return value === null ? null : value.toString()
  }

  async extend(key: string, value: string, ttlMs: number): Promise<boolean> {
    return (await this.#connection.script(EXTEND, [this.#keys.value(key)], [value, lifeOf(ttlMs)])) === 1
  }

  async compareAndDelete(key: string, value: string): Promise<boolean> {
    return (await this.#connection.script(COMPARE_AND_DELETE, [this.#keys.value(key)], [value])) === 1
  }
}

/** Redis refuses lifetimes beyond 64 bits; a quarter of a million years is enough. */
function lifeOf(ttlMs: number): number {
  return Math.min(requireTtl(ttlMs), Number.MAX_SAFE_INTEGER)
}
