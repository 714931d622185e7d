import {
  isExpired,
  type Page,
  type Revocation,
  type RevokeAllOutcome,
  type SessionFilter,
  type SessionHandle,
  type SessionPage,
  type SessionRecord,
  type SessionStore,
} from '@bff/core'
import { encodeCursor, matchesFilter, readPage, requireOwner } from '@bff/core/store'
import type { Client } from './client.ts'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'
import type { Entries, OwnerIndex } from './owner-index.ts'
import { decodeRecord, type Fields, isWaiting } from './record.ts'

interface Found {
  readonly handle: SessionHandle
  /** `null` when the stored value is not a session: it cannot be used or read. */
  readonly record: SessionRecord | null
  /** When the user's index admitted it; orders sessions by admission, regardless of the callers' clocks. */
  readonly admitted: number
  /** The session is not created yet: only eviction, and the revocation of all sessions, consider it. */
  readonly waiting: boolean
}

/** Sessions read at once. */
const BATCH = 200

/** Changes many sessions: it finds them by index, verifies them by record, and changes each on its own. */
export class OwnedSessions {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #index: OwnerIndex
  readonly #sessions: Pick<SessionStore, 'revoke' | 'delete'>

  constructor(
    connection: Connection,
    keys: Keys,
    index: OwnerIndex,
    sessions: Pick<SessionStore, 'revoke' | 'delete'>,
  ) {
    this.#connection = connection
    this.#keys = keys
    this.#index = index
    this.#sessions = sessions
  }

  async list(filter: SessionFilter, page?: Page): Promise<SessionPage> {
    requireOwner(filter)
    const { limit, after } = readPage(page)
    const records: SessionRecord[] = []
    for await (const entries of this.#index.read(filter, Math.min(limit + 1, BATCH), after)) {
      for (const { record, waiting } of await this.#read(entries)) {
        if (record === null || waiting || !matchesFilter(record, filter)) continue
        const last = records.at(-1)
        if (last !== undefined && records.length === limit) return { records, next: encodeCursor(last) }
        records.push(record)
      }
    }
    return { records, next: null }
  }

  async countActive(filter: SessionFilter, now: number): Promise<number> {
    requireOwner(filter)
    return (await this.#active(filter, now)).filter(({ waiting }) => !waiting).length
  }

  async revokeAll(filter: SessionFilter, revocation: Revocation): Promise<RevokeAllOutcome> {
    requireOwner(filter)
    const records: SessionRecord[] = []
    for await (const entries of this.#index.read(filter, BATCH)) {
      const found = await this.#read(entries)
      const revoked = found.map(async ({ handle, record }) => {
        // A record that cannot be read cannot be used: delete it.
        if (record === null) await this.#sessions.delete(handle)
        if (record === null || record.revocation !== null || !matchesFilter(record, filter)) return null
        if (revocation.at > record.absoluteExpiresAt) return null
        return this.#sessions.revoke(handle, revocation)
      })
      for (const outcome of await allOf(revoked)) {
        if (outcome?.outcome !== 'revoked') continue
        if (!isExpired(outcome.record, revocation.at)) records.push(outcome.record)
      }
    }
    return { outcome: records.length > 0 ? 'revoked' : 'no_active_sessions', records }
  }

  async deleteAll(filter: SessionFilter): Promise<number> {
    requireOwner(filter)
    let deleted = 0
    for await (const entries of this.#index.read(filter, BATCH)) {
      const matching = (await this.#read(entries)).filter(
        ({ record }) => record === null || matchesFilter(record, filter),
      )
      const gone = await allOf(matching.map(({ handle }) => this.#sessions.delete(handle)))
      deleted += gone.filter(Boolean).length
    }
    return deleted
  }

  /**
   * Revokes the user's oldest active sessions beyond `limit`, and returns them. A session is written first, as waiting:
   * every creator then sees at least all sessions written before, and all agree which to keep: the one admitted last, and
   * the newest of the others. Of any sessions, the one whose creator looked last has seen all others before it stopped
   * waiting. So there are never more than `limit`, regardless of how many sign-ins run at once (SS-22).
   */
  async evict({ userId, issuer, createdAt }: SessionRecord, limit: number): Promise<SessionHandle[]> {
    const active = await this.#active({ userId, issuer }, createdAt)
    const last = active.reduce(
      (one, other) => (isAdmittedAfter(other, one) ? other : one),
      active[0] ?? NOBODY,
    )
    const victims = active.filter((found) => found !== last).slice(limit - 1)
    const why = { at: createdAt, reasonCode: 'session_limit', actorType: 'system', actorId: null }
    const evicted: SessionHandle[] = []
    for (const { handle } of victims.reverse()) {
      const outcome = await this.#sessions.revoke(handle, why)
      if (outcome?.outcome === 'revoked') evicted.push(handle)
    }
    return evicted
  }

  /** Removes the entries of sessions that do not exist any more. */
  async verify({ key, entries }: Entries): Promise<void> {
    const exist = await this.#connection.run((client) =>
      Promise.all(entries.map(({ handle }) => client.exists(this.#keys.session(handle)[0]))),
    )
    const stale = entries.filter((_, index) => exist[index] === 0)
    await this.#index.prune(
      key,
      stale.map(({ handle }) => handle),
    )
  }

  /** Newest first. */
  async #active(filter: SessionFilter, now: number): Promise<Found[]> {
    const active: Found[] = []
    for await (const entries of this.#index.read(filter, BATCH)) {
      for (const found of await this.#read(entries)) {
        if (found.record && isActive(found.record, now) && matchesFilter(found.record, filter))
          active.push(found)
      }
    }
    return active
  }

  /** Returns the sessions of these entries, in one round trip. It removes stale entries. */
  async #read({ key, entries }: Entries): Promise<Found[]> {
    const hashes = await this.#connection.run((client) =>
      Promise.all(entries.map(({ handle }) => readHash(client, this.#keys.session(handle)[0]))),
    )
    const stale: string[] = []
    const all: Found[] = []
    for (const [index, { handle, pending }] of entries.entries()) {
      const fields = hashes[index]
      const record = fields ? decodeRecord(handle, fields) : null
      const isOwned = fields !== undefined && (record === null || this.#index.keysOf(record).includes(key))
      if (isOwned)
        all.push({
          handle,
          record,
          admitted: Number(fields?.['q'] ?? 0),
          waiting: fields !== null && isWaiting(fields),
        })
      else if (!pending) stale.push(handle)
    }
    await this.#index.prune(key, stale)
    return all
  }
}

const NOBODY: Found = { handle: '' as SessionHandle, record: null, admitted: 0, waiting: false }

/** Returns `undefined` when the key does not exist, `null` when it holds something else. */
async function readHash(client: Client, key: string): Promise<Fields | null | undefined> {
  try {
    const fields = await client.hgetallBuffer(key)
    return Object.keys(fields).length === 0 ? undefined : fields
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return null
    throw error
  }
}

function isActive(record: SessionRecord, now: number): boolean {
  return record.revocation === null && !isExpired(record, now)
}

function isAdmittedAfter(one: Found, other: Found): boolean {
  return one.admitted > other.admitted || (one.admitted === other.admitted && one.handle > other.handle)
}

/** `Promise.all` that lets every call end before it rejects: one fault must not stop the revocation of other sessions. */
async function allOf<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls)
  return Promise.all(calls)
}
