import {
  type AnyOwnerFilter,
  BffError,
  type CleanupOptions,
  isExpired,
  type Page,
  type Revocation,
  type RevokeAllOutcome,
  type RevokeOutcome,
  type SessionFilter,
  type SessionHandle,
  type SessionPage,
  type SessionPatch,
  type SessionRecord,
  type SessionStore,
} from '@bff/core'
import {
  encodeCursor,
  givenFields,
  isOfAnyOwner,
  newestFirst,
  readHandlePage,
  readPage,
  requireOwner,
} from '@bff/core/store'
import { all, type Conditions } from '../sql/conditions.ts'
import type { Database } from './database.ts'
import type { Evicted } from './engine.ts'
import { revocationChange, toRow } from './record.ts'

/** A {@link SessionStore} on any engine, which implements the laws with conditional statements. */
export class SqlSessionStore implements SessionStore {
  readonly #database: Database
  readonly #conditions: Conditions

  constructor(database: Database, conditions: Conditions) {
    this.#database = database
    this.#conditions = conditions
  }

  async create(record: SessionRecord, limits: { readonly maxPerUser?: number } = {}) {
    const row = toRow(record)
    const maxPerUser = limits.maxPerUser ?? 0
    const evicted = await this.#database.run<Evicted[] | null>(async ({ sessions }) => {
      if (maxPerUser >= 1)
        return sessions.insertCapped(row, maxPerUser - 1, revocationChange(evictedAt(record)))
      return (await sessions.insert(row)) ? [] : null
    })
    if (evicted === null) throw new BffError('session_conflict')
    const handles = evicted.map(({ id, createdAt }) => ({ handle: id as SessionHandle, createdAt }))
    return { evicted: handles.sort((a, b) => newestFirst(b, a)).map(({ handle }) => handle) }
  }

  get(handle: SessionHandle): Promise<SessionRecord | null> {
    return this.#database.run(({ sessions }) => sessions.find(handle))
  }

  async update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null> {
    const given = givenFields(patch)
    return this.#database.run(({ sessions }) => sessions.update(handle, given, ifVersion))
  }

  touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean> {
    return this.#database.run(({ sessions }) => sessions.touch(handle, at, expiresAt))
  }

  revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null> {
    const change = revocationChange(revocation)
    return this.#database.run<RevokeOutcome | null>(async ({ sessions }) => {
      for (;;) {
        const revoked = await sessions.revoke(handle, change)
        if (revoked !== null) return { outcome: 'revoked', record: revoked }
        const found = await sessions.find(handle)
        if (found === null) return null
        // Otherwise it was created in between: that one is to be revoked.
        if (found.revocation !== null) return { outcome: 'already_revoked', record: found }
      }
    })
  }

  delete(handle: SessionHandle): Promise<boolean> {
    return this.#database.run(({ sessions }) => sessions.delete(handle))
  }

  async list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    if (isOfAnyOwner(filter)) return this.#listByHandle(filter, page)
    const { limit, after } = readPage(page)
    const behind = after === null ? null : this.#conditions.behind(after)
    const where = all(this.#conditions.matches(filter), behind)
    const found = await this.#database.run(({ sessions }) =>
      sessions.page(where, limit + 1, this.#conditions.newestFirst),
    )
    const records = found.slice(0, limit)
    const last = records.at(-1)
    return { records, next: found.length > limit && last !== undefined ? encodeCursor(last) : null }
  }

  async countActive(filter: SessionFilter | AnyOwnerFilter, now: number): Promise<number> {
    isOfAnyOwner(filter)
    const where = all(this.#conditions.matches(filter), this.#conditions.active(now))
    return this.#database.run(({ sessions }) => sessions.count(where))
  }

  /** One statement: it revokes all of them, or throws and has revoked none. */
  async revokeAll(
    filter: SessionFilter,
    revocation: Revocation,
    onRevoked?: (record: SessionRecord) => void,
  ): Promise<RevokeAllOutcome> {
    requireOwner(filter)
    const where = all(this.#conditions.matches(filter), this.#conditions.wakeable(revocation.at))
    const revoked = await this.#database.run(({ sessions }) =>
      sessions.revokeWhere(where, revocationChange(revocation)),
    )
    const active = revoked.filter((record) => !isExpired(record, revocation.at))
    const records = active.sort(newestFirst)
    if (onRevoked) for (const record of records) onRevoked(record)
    return { outcome: records.length > 0 ? 'revoked' : 'no_active_sessions', records }
  }

  async deleteAll(filter: SessionFilter): Promise<number> {
    requireOwner(filter)
    return this.#database.run(({ sessions }) => sessions.deleteWhere(this.#conditions.matches(filter)))
  }

  /** In the order of the primary key, which no write changes: it needs no index of its own. */
  async #listByHandle(filter: AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    const { limit, after } = readHandlePage(page)
    const behind = after === null ? null : this.#conditions.behindHandle(after)
    const where = all(this.#conditions.matches(filter), behind)
    const found = await this.#database.run(({ sessions }) =>
      sessions.page(where, limit + 1, this.#conditions.byHandle),
    )
    const records = found.slice(0, limit)
    return { records, next: found.length > limit ? (records.at(-1)?.handle ?? null) : null }
  }

  async cleanup({ now, limit, retainRevokedMs }: CleanupOptions) {
    const dead = [this.#conditions.expired(now), this.#conditions.revokedBefore(now - retainRevokedMs)]
    let deleted = 0
    for (const where of dead) {
      const left = limit - deleted
      if (left > 0) deleted += await this.#database.run(({ sessions }) => sessions.deleteSome(where, left))
    }
    if (deleted < limit) return { deleted, more: false }
    for (const where of dead) {
      if (await this.#database.run(({ sessions }) => sessions.exists(where))) return { deleted, more: true }
    }
    return { deleted, more: false }
  }

  async ping(): Promise<void> {
    await this.#database.run(({ sessions }) => sessions.ping())
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

function evictedAt({ createdAt }: SessionRecord): Revocation {
  return { at: createdAt, reasonCode: 'session_limit', actorType: 'system', actorId: null }
}
