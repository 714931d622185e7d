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
} from '@bff/core'
import { type Cursor, matchesFilter, newestFirst, pageOf, readPage, requireOwner } from '@bff/core/store'
import { eachOf, settledEachOf } from './at-once.ts'
import { all, createdAs, matches } from './conditions.ts'
import type { OwnerIndex } from './owner-index.ts'
import { type Admission, admissionOf, decodeSession } from './record.ts'
import type { Expression } from './table.ts'

/** One that waits is not created yet: only eviction, and the revocation of all sessions, consider it. */
interface Found extends Admission {
  readonly record: SessionRecord
}

/** The changes of one session that must still be as a condition says. */
export interface Changes {
  revoke(handle: SessionHandle, revocation: Revocation, condition: Expression): Promise<SessionRecord | null>
  delete(handle: SessionHandle, condition: Expression): Promise<boolean>
}

/** Changes many sessions: it finds them by index, and changes each on its own if it still matches. */
export class OwnedSessions {
  readonly #index: OwnerIndex
  readonly #changes: Changes

  constructor(index: OwnerIndex, changes: Changes) {
    this.#index = index
    this.#changes = changes
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
    for await (const found of this.#matching(filter)) {
      const wakeable = found.filter(
        ({ record }) => record.revocation === null && revocation.at <= record.absoluteExpiresAt,
      )
      const outcomes = await settledEachOf(wakeable, ({ record, entry }) =>
        this.#changes.revoke(record.handle, revocation, stillThat(filter, entry)),
      )
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') faults.push(outcome.reason)
        else if (outcome.value !== null && !isExpired(outcome.value, revocation.at)) {
          records.push(outcome.value)
          onRevoked?.(outcome.value)
        }
      }
    }
    if (faults.length > 0) throw faults[0]
    return { outcome: records.length > 0 ? 'revoked' : 'no_active_sessions', records }
  }

  async deleteAll(filter: SessionFilter): Promise<number> {
    requireOwner(filter)
    let deleted = 0
    for await (const found of this.#matching(filter)) {
      const gone = await eachOf(found, ({ record, entry }) =>
        this.#changes.delete(record.handle, stillThat(filter, entry)),
      )
      deleted += gone.filter(Boolean).length
    }
    return deleted
  }

  /**
   * Revokes the user's oldest active sessions beyond `limit`, and returns them. A session is written first, as waiting:
   * every creator then sees at least all sessions written before, and all agree which to keep: the one with the last
   * ticket, and the newest of the others. Of any sessions, the one whose creator looked last has seen all others before it
   * stopped waiting. So there are never more than `limit`, regardless of how many sign-ins run at once (SS-22).
   */
  async evict({ userId, issuer, createdAt }: SessionRecord, limit: number): Promise<SessionHandle[]> {
    const user = { userId, issuer }
    const [last, ...others] = (await this.#active(user, createdAt)).sort(lastTicketFirst)
    if (last === undefined) return []
    const victims = others.sort((a, b) => newestFirst(a.record, b.record)).slice(limit - 1)
    const why = { at: createdAt, reasonCode: 'session_limit', actorType: 'system', actorId: null }
    const evicted = await eachOf(victims.reverse(), ({ record, entry }) =>
      this.#changes.revoke(record.handle, why, stillThat(user, entry)),
    )
    return evicted.flatMap((record) => (record === null ? [] : [record.handle]))
  }

  /** Newest first, after a position. */
  async *#listed(filter: SessionFilter, limit: number, after: Cursor | null): AsyncGenerator<SessionRecord> {
    for await (const found of this.#matching(filter, limit + 1, after))
      for (const { record, waiting } of found) if (!waiting) yield record
  }

  /** Newest first. */
  async #active(filter: SessionFilter, now: number): Promise<Found[]> {
    const active: Found[] = []
    for await (const found of this.#matching(filter))
      active.push(...found.filter(({ record }) => isActive(record, now)))
    return active
  }

  async *#matching(filter: SessionFilter, batch?: number, after?: Cursor | null): AsyncGenerator<Found[]> {
    for await (const items of this.#index.read(filter, batch, after))
      yield items
        .map((item) => ({ ...admissionOf(item), record: decodeSession(item) }))
        .filter(({ record }) => matchesFilter(record, filter))
  }
}

function stillThat(filter: SessionFilter, entry: string): Expression {
  return all(matches(filter), createdAs(entry))
}

function lastTicketFirst(a: Found, b: Found): number {
  return b.ticket - a.ticket || newestFirst(b.record, a.record)
}
