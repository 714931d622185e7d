import {
  isActive,
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
import { type Cursor, matchesFilter, pageOf, readPage, requireOwner } from '@bff/core/store'
import type { Connection } from './connection.ts'
import { isOtherType, readEarlier } from './earlier-layout.ts'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import type { Entries, OwnerIndex } from './owner-index.ts'
import { type Admission, admissionOf, decodeRecord } from './record.ts'

/** One that waits is not created yet: only eviction, and the revocation of all sessions, consider it. */
interface Found extends Admission {
  readonly handle: SessionHandle
  /** `null` when the stored value is not a session: it cannot be used or read. */
  readonly record: SessionRecord | null
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

  list(filter: SessionFilter, page?: Page): Promise<SessionPage> {
    const { limit, after } = readPage(page)
    return pageOf(this.#listed(filter, limit, after), limit)
  }

  async countActive(filter: SessionFilter, now: number): Promise<number> {
    return (await this.#active(filter, now)).filter(({ waiting }) => !waiting).length
  }

  async revokeAll(
    filter: SessionFilter,
    revocation: Revocation,
    onRevoked?: (record: SessionRecord) => void,
  ): Promise<RevokeAllOutcome> {
    requireOwner(filter)
    const records: SessionRecord[] = []
    const faults: unknown[] = []
    for await (const entries of this.#index.read(filter, BATCH)) {
      const found = await this.#readable(entries, faults)
      const revoked = found.map(async ({ handle, record }) => {
        // A record that cannot be read cannot be used: delete it.
        if (record === null) await this.#sessions.delete(handle)
        if (record === null || record.revocation !== null || !matchesFilter(record, filter)) return null
        if (revocation.at > record.absoluteExpiresAt) return null
        return this.#sessions.revoke(handle, revocation)
      })
      for (const settled of await Promise.allSettled(revoked)) {
        if (settled.status === 'rejected') faults.push(settled.reason)
        else if (settled.value?.outcome === 'revoked' && !isExpired(settled.value.record, revocation.at)) {
          records.push(settled.value.record)
          onRevoked?.(settled.value.record)
        }
      }
    }
    if (faults.length > 0) throw faults[0]
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
    const exist = await this.#connection.run((link) =>
      Promise.all(entries.map(({ handle }) => link.exists(this.#keys.record(handle)))),
    )
    const stale = entries.filter((_, index) => exist[index] === false)
    await this.#index.prune(
      key,
      stale.map(({ handle }) => handle),
    )
  }

  /** Newest first, after a position. */
  async *#listed(filter: SessionFilter, limit: number, after: Cursor | null): AsyncGenerator<SessionRecord> {
    for await (const entries of this.#index.read(filter, Math.min(limit + 1, BATCH), after))
      for (const { record, waiting } of await this.#read(entries))
        if (record !== null && !waiting && matchesFilter(record, filter)) yield record
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
  async #read(entries: Entries): Promise<Found[]> {
    const faults: unknown[] = []
    const found = await this.#readable(entries, faults)
    if (faults.length > 0) throw faults[0]
    return found
  }

  /** The same, without those that could not be read: the node of a Cluster that holds them may be down. */
  async #readable({ key, entries }: Entries, faults: unknown[]): Promise<Found[]> {
    const values = await Promise.allSettled(
      entries.map(({ handle }) =>
        this.#connection.run((link) => readValue(link, this.#keys.record(handle), handle)),
      ),
    )
    const stale: string[] = []
    const all: Found[] = []
    for (const [index, { handle, pending }] of entries.entries()) {
      const settled = values[index]
      if (settled?.status === 'rejected') {
        faults.push(settled.reason)
        continue
      }
      const value = settled?.value ?? null
      const record = value === null || value === 'malformed' ? null : decodeRecord(handle, value)
      const isOwned = value !== null && (record === null || this.#index.keysOf(record).includes(key))
      if (isOwned)
        all.push({ handle, record, ...(value === 'malformed' ? NOT_ADMITTED : admissionOf(value)) })
      else if (!pending) stale.push(handle)
    }
    // A failure is ignored: a stale entry is no session, and the next call removes it.
    await this.#index.prune(key, stale).catch(() => {})
    return all
  }
}

const NOT_ADMITTED: Admission = { admitted: 0, waiting: false }
const NOBODY: Found = { handle: '' as SessionHandle, record: null, ...NOT_ADMITTED }

/** Returns `null` when the key does not exist, `'malformed'` when it holds something else. */
export async function readValue(link: Link, key: string, handle: SessionHandle) {
  try {
    return await link.get(key)
  } catch (error) {
    if (!isOtherType(error)) throw error
  }
  try {
    return await readEarlier(link, key, handle)
  } catch (error) {
    if (!isOtherType(error)) throw error
    return 'malformed'
  }
}

function isAdmittedAfter(one: Found, other: Found): boolean {
  return one.admitted > other.admitted || (one.admitted === other.admitted && one.handle > other.handle)
}

/** `Promise.all` that lets every call end before it rejects: one fault must not stop the revocation of other sessions. */
async function allOf<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls)
  return Promise.all(calls)
}
