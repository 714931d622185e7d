import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import type { SessionCache, SessionCacheFactory } from '../contracts/session-cache.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { isBffError } from '../internal/bff-error.ts'
import { createLru } from '../internal/lru.ts'
import { number } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { cacheChannel } from './cache-channel.ts'
import { delegate } from './delegate.ts'

export interface SessionCacheOptions {
  /**
   * A request is answered with a record that was read at most this many milliseconds ago. So a sign-out at another process
   * is seen here after this time at the latest, even when no event arrives. @default 1000. From 50 to 10_000
   */
  readonly maxStaleMs?: number
  /** The most sessions in the cache; those that were not used for the longest time leave it. @default 5000. From 1 to 1_000_000 */
  readonly maxSessions?: number
}

const OPTIONS = { maxStaleMs: number(1_000, 50, 10_000), maxSessions: number(5_000, 1, 1_000_000) }

interface Kept {
  readonly record: SessionRecord
  /** When the read of it began, by the monotonic clock. */
  readonly readAt: number
  /** The same by the system's clock: the monotonic one stops while the host is suspended. */
  readonly readAtTime: number
}

interface Reading {
  readonly handle: SessionHandle
  /** The session was changed since the read began: what it returns may be from before. */
  isOvertaken: boolean
}

/**
 * Makes the `cache` of `createBff`: requests of the app, and to its APIs, use a session record that this process has read
 * less than `maxStaleMs` ago, instead of reading the store for each request. The endpoints of the BFF and every change of a
 * session read the store.
 *
 * An ended session leaves the cache at once where it was ended, elsewhere with the event of it. The cache sends
 * itself pulses through the event bus; while they do not come back in time it is off, and each request reads the store.
 *
 * Only active sessions are kept. What the cache cannot answer with certainty, such as an unknown secret or an expired
 * session, the store answers.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { sessionCache } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const bff = createBff({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 *   cache: sessionCache({ maxStaleMs: 500 }),
 * })
 * ```
 */
export function sessionCache(options: SessionCacheOptions = {}): SessionCacheFactory {
  const { maxStaleMs, maxSessions } = readOptions('sessionCache', options, OPTIONS)
  return ({ stores, clock, emit }): SessionCache => {
    const { sessions } = stores
    const kept = createLru<Kept>(maxSessions)
    const readings = new Set<Reading>()
    const channel = cacheChannel({
      events: stores.events,
      clock,
      emit,
      maxSilenceMs: maxStaleMs,
      onChange: forget,
      onSilence: forgetAll,
    })

    function forget(handle: SessionHandle): void {
      kept.delete(handle)
      for (const reading of readings) if (reading.handle === handle) reading.isOvertaken = true
    }

    function forgetAll(): void {
      for (const [handle] of [...kept.entries()]) kept.delete(handle)
      for (const reading of readings) reading.isOvertaken = true
    }

    async function read(handle: SessionHandle): Promise<SessionRecord | null> {
      channel.start()
      const [readAt, readAtTime] = [clock.monotonic(), clock.now()]
      const reading: Reading = { handle, isOvertaken: false }
      readings.add(reading)
      try {
        const record = await sessions.get(handle)
        if (record?.revocation !== null) forget(handle)
        else if (!reading.isOvertaken && channel.isAlive(clock.monotonic())) keep(record, readAt, readAtTime)
        return record
      } finally {
        readings.delete(reading)
      }
    }

    function keep(record: SessionRecord, readAt: number, readAtTime: number): void {
      const version = kept.peek(record.handle)?.record.version ?? 0
      // Of two reads at once, the answer that comes last may be the older one.
      if (record.version < version) return
      kept.set(record.handle, {
        record: { ...record, metadata: freezeJson(record.metadata) },
        readAt,
        readAtTime,
      })
    }

    const isStale = ({ readAt, readAtTime }: Kept, now: number): boolean =>
      now - readAt >= maxStaleMs || Math.abs(clock.now() - readAtTime) >= maxStaleMs

    /** Also when the outcome of a change is unknown, the session may have changed. */
    async function changing<T>(handle: SessionHandle, change: Promise<T>): Promise<T> {
      try {
        return await change
      } finally {
        forget(handle)
      }
    }

    async function changingMany<T>(change: Promise<T>): Promise<T> {
      try {
        return await change
      } finally {
        forgetAll()
      }
    }

    const changed: SessionStore = {
      ...delegate(sessions),
      async create(record, limits) {
        try {
          const created = await sessions.create(record, limits)
          for (const handle of created.evicted) forget(handle)
          return created
        } catch (error) {
          // When the outcome is unknown, any session of the user may have been evicted.
          if (!isBffError(error, 'session_conflict')) forgetAll()
          throw error
        }
      },
      update: (handle, patch, ifVersion) => changing(handle, sessions.update(handle, patch, ifVersion)),
      touch: (handle, at, expiresAt) => changing(handle, sessions.touch(handle, at, expiresAt)),
      revoke: (handle, revocation) => changing(handle, sessions.revoke(handle, revocation)),
      delete: (handle) => changing(handle, sessions.delete(handle)),
      revokeAll: (filter, revocation, onRevoked) =>
        changingMany(sessions.revokeAll(filter, revocation, onRevoked)),
      deleteAll: (filter) => changingMany(sessions.deleteAll(filter)),
      async close() {
        forgetAll()
        await channel.stop()
        await sessions.close()
      },
    }

    return {
      sessions: changed,
      peek(handle) {
        // Not a use: one in use is read again within `maxStaleMs`, and that moves it.
        const found = kept.peek(handle)
        if (found === undefined) return undefined
        const now = clock.monotonic()
        if (isStale(found, now) || !channel.isAlive(now)) return undefined
        // A copy: core compares records by identity, to know which request read them.
        return { ...found.record }
      },
      read,
    }
  }
}

/** Requests share it. */
function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) freezeJson(part)
  return Object.freeze(value)
}
