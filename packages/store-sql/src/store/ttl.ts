import { createHash } from 'node:crypto'
import type { AttachContext, TtlStore } from '@bff/core'
import type { Attachment } from '@bff/core/authoring'
import { requireTtl } from '@bff/core/store'
import type { Database } from './database.ts'

/**
 * After this many writes, up to `CLEANUP_BATCH` expired values are deleted: more than the writes can add, so that they cannot
 * accumulate.
 */
const WRITES_PER_SWEEP = 32
const CLEANUP_BATCH = 64

/** The end of the year 9999: the last moment that every engine can store. */
const LATEST = 253_402_300_799_000

/**
 * A {@link TtlStore} on any engine. It stores the SHA-256 of keys, so that any text of any length can be a key, and a dump
 * does not show the keys.
 */
export class SqlTtlStore implements TtlStore {
  readonly #database: Database
  readonly #attachment: Attachment
  #writes = 0

  constructor(database: Database, attachment: Attachment) {
    this.#database = database
    this.#attachment = attachment
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    const expiresAt = this.#endOf(ttlMs)
    await this.#cleanUp()
    await this.#database.run(({ ttl }) => ttl.set(digest(key), value, expiresAt))
  }

  get(key: string): Promise<string | null> {
    return this.#database.run(({ ttl }) => ttl.get(digest(key), this.#attachment.clock.now()))
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    const expiresAt = this.#endOf(ttlMs)
    await this.#cleanUp()
    return this.#database.run(({ ttl }) =>
      ttl.setIfAbsent(digest(key), value, expiresAt, this.#attachment.clock.now()),
    )
  }

  take(key: string): Promise<string | null> {
    return this.#database.run(({ ttl }) => ttl.take(digest(key), this.#attachment.clock.now()))
  }

  async extend(key: string, value: string, ttlMs: number): Promise<boolean> {
    const expiresAt = this.#endOf(ttlMs)
    return this.#database.run(({ ttl }) =>
      ttl.extend(digest(key), value, expiresAt, this.#attachment.clock.now()),
    )
  }

  compareAndDelete(key: string, value: string): Promise<boolean> {
    return this.#database.run(({ ttl }) =>
      ttl.compareAndDelete(digest(key), value, this.#attachment.clock.now()),
    )
  }

  attach(context: AttachContext): void {
    this.#attachment.attach(context)
  }

  #endOf(ttlMs: number): number {
    return Math.min(this.#attachment.clock.now() + requireTtl(ttlMs), LATEST)
  }

  async #cleanUp(): Promise<void> {
    if (++this.#writes % WRITES_PER_SWEEP !== 0) return
    await this.#database.run(({ ttl }) => ttl.cleanup(this.#attachment.clock.now(), CLEANUP_BATCH))
  }
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
