import {
  type AnyOwnerFilter,
  BffError,
  type CleanupOptions,
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
import { endOfSession } from '@bff/core/authoring'
import {
  encodeCursor,
  givenFields,
  isOfAnyOwner,
  matchesFilter,
  readHandlePage,
  readPage,
  requireOwner,
  WIPED,
} from '@bff/core/store'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import { countBefore, OwnerIndex } from './owner-index.ts'
import { isolate, keep } from './record.ts'

/** A stored session. `at` is its expiry, or the time of its revocation. */
interface Entry extends Due {
  record: SessionRecord
}

/** An ended session that no cleanup deleted is deleted after seven days. */
const FORGET_AFTER_MS = 7 * 86_400_000
/** How many ended sessions a `create` deletes: more than the one it adds, so that they cannot accumulate. */
const DELETED_PER_CREATE = 2

/** Each method runs in one turn of the event loop, so that it is atomic. */
export class MemorySessionStore implements SessionStore {
  readonly #entries = new Map<SessionHandle, Entry>()
  readonly #living = new DeadlineHeap<Entry>()
  readonly #revoked = new DeadlineHeap<Entry>()
  readonly #byUser = new OwnerIndex<Entry>()
  readonly #byOrganization = new OwnerIndex<Entry>()
  readonly #bySubject = new OwnerIndex<Entry>()
  readonly #byProviderSession = new OwnerIndex<Entry>()
  readonly #maxSessions: number
  #closed = false

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions
  }

  /** How many sessions it keeps, including expired and revoked ones. */
  get size(): number {
    return this.#entries.size
  }

  readonly requireOpen = (): void => {
    if (this.#closed) throw new BffError('store_unavailable', 'The store is closed. Make a new one.')
  }

  async create(record: SessionRecord, limits: { maxPerUser?: number } = {}) {
    this.requireOpen()
    if (this.#entries.has(record.handle)) throw new BffError('session_conflict')
    const kept = keep(record, null)
    const evicted = this.#evict(kept, limits.maxPerUser ?? 0)
    this.#freeSpace(kept.createdAt)
    this.#insert({ record: kept, at: kept.revocation?.at ?? endOfSession(kept), slot: 0 })
    return { evicted }
  }

  async get(handle: SessionHandle): Promise<SessionRecord | null> {
    this.requireOpen()
    const entry = this.#entries.get(handle)
    return entry === undefined ? null : isolate(entry.record)
  }

  async update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null> {
    const entry = this.#unrevoked(handle)
    if (entry?.record.version !== ifVersion) return null
    const before = entry.record
    entry.record = keep({ ...before, ...givenFields(patch), version: ifVersion + 1 }, before)
    this.#living.move(entry, endOfSession(entry.record))
    this.#reindex(entry, before, entry.record)
    return isolate(entry.record)
  }

  async touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean> {
    const entry = this.#unrevoked(handle)
    if (entry === null) return false
    const { record } = entry
    entry.record = {
      ...record,
      lastAccessedAt: Math.max(record.lastAccessedAt, at),
      expiresAt: Math.max(record.expiresAt, Math.min(expiresAt, record.absoluteExpiresAt)),
    }
    this.#living.move(entry, endOfSession(entry.record))
    return true
  }

  async revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null> {
    this.requireOpen()
    const entry = this.#entries.get(handle)
    if (entry === undefined) return null
    const outcome = entry.record.revocation === null ? 'revoked' : 'already_revoked'
    if (outcome === 'revoked') this.#revoke(entry, revocation)
    return { outcome, record: isolate(entry.record) }
  }

  async delete(handle: SessionHandle): Promise<boolean> {
    this.requireOpen()
    const entry = this.#entries.get(handle)
    if (entry !== undefined) this.#remove(entry)
    return entry !== undefined
  }

  async list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    this.requireOpen()
    if (isOfAnyOwner(filter)) return this.#listByHandle(filter, page)
    const entries = this.#owned(filter)
    const { limit, after } = readPage(page)
    const records: SessionRecord[] = []
    for (let index = after === null ? entries.length : countBefore(entries, after); index > 0; index--) {
      const record = entries[index - 1]?.record
      if (record === undefined || !matchesFilter(record, filter)) continue
      const last = records.at(-1)
      if (last !== undefined && records.length === limit) return { records, next: encodeCursor(last) }
      records.push(isolate(record))
    }
    return { records, next: null }
  }

  async countActive(filter: SessionFilter | AnyOwnerFilter, now: number): Promise<number> {
    this.requireOpen()
    const entries = isOfAnyOwner(filter) ? this.#entries.values() : this.#owned(filter)
    let active = 0
    for (const { record } of entries)
      if (record.revocation === null && now <= endOfSession(record) && matchesFilter(record, filter)) active++
    return active
  }

  async revokeAll(
    filter: SessionFilter,
    revocation: Revocation,
    onRevoked?: (record: SessionRecord) => void,
  ): Promise<RevokeAllOutcome> {
    this.requireOpen()
    requireOwner(filter)
    const entries = this.#unrevokedOf(filter).filter(
      ({ record }) => revocation.at <= record.absoluteExpiresAt,
    )
    const active = entries.filter(({ record }) => revocation.at <= endOfSession(record)).reverse()
    for (const entry of entries) this.#revoke(entry, revocation)
    if (onRevoked) for (const entry of active) onRevoked(isolate(entry.record))
    return {
      outcome: active.length > 0 ? 'revoked' : 'no_active_sessions',
      records: active.map((entry) => isolate(entry.record)),
    }
  }

  async deleteAll(filter: SessionFilter): Promise<number> {
    this.requireOpen()
    requireOwner(filter)
    const entries = this.#owned(filter).filter((entry) => matchesFilter(entry.record, filter))
    // Newest first: the end of an index is the cheap place to remove from.
    for (const entry of entries.reverse()) this.#remove(entry)
    return entries.length
  }

  async cleanup({ now, limit, retainRevokedMs }: CleanupOptions) {
    this.requireOpen()
    const deleted = this.#clear(now, now - retainRevokedMs, limit)
    return { deleted, more: this.#nextDead(now, now - retainRevokedMs) !== null }
  }

  async ping(): Promise<void> {
    this.requireOpen()
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  /** Of all sessions behind the position it keeps twice a page at most: no index, which every sign-in would pay for. */
  #listByHandle(filter: AnyOwnerFilter, page?: Page): SessionPage {
    const { limit, after } = readHandlePage(page)
    let first: SessionRecord[] = []
    const trim = () => {
      first = first.sort((a, b) => (a.handle < b.handle ? -1 : 1)).slice(0, limit + 1)
    }
    for (const [handle, { record }] of this.#entries) {
      if ((after !== null && handle <= after) || !matchesFilter(record, filter)) continue
      if (first.push(record) > 2 * limit) trim()
    }
    trim()
    const records = first.slice(0, limit)
    return {
      records: records.map(isolate),
      next: first.length > limit ? (records.at(-1)?.handle ?? null) : null,
    }
  }

  #unrevoked(handle: SessionHandle): Entry | null {
    this.requireOpen()
    const entry = this.#entries.get(handle)
    return entry?.record.revocation === null ? entry : null
  }

  /** Returns the sessions of one of the filter's owners, oldest first: a superset of the result. */
  #owned(filter: SessionFilter): readonly Entry[] {
    const { userId, organizationId } = filter
    const [subject, providerSession] = [subjectKey(filter), providerSessionKey(filter)]
    if (providerSession !== null) return this.#byProviderSession.of(providerSession)
    if (userId !== undefined) return this.#byUser.of(userId)
    if (subject !== null) return this.#bySubject.of(subject)
    return this.#byOrganization.of(organizationId ?? '')
  }

  #unrevokedOf(filter: SessionFilter): Entry[] {
    return this.#owned(filter).filter(
      ({ record }) => record.revocation === null && matchesFilter(record, filter),
    )
  }

  #active(filter: SessionFilter, now: number): Entry[] {
    return this.#unrevokedOf(filter).filter(({ record }) => now <= endOfSession(record))
  }

  #evict({ userId, issuer, createdAt }: SessionRecord, maxPerUser: number): SessionHandle[] {
    if (maxPerUser < 1) return []
    const active = this.#active({ userId, issuer }, createdAt)
    const evicted = active.slice(0, Math.max(0, active.length - maxPerUser + 1))
    for (const entry of evicted) {
      this.#revoke(entry, { at: createdAt, reasonCode: 'session_limit', actorType: 'system', actorId: null })
    }
    return evicted.map((entry) => entry.record.handle)
  }

  #freeSpace(now: number): void {
    const forgotten = now - FORGET_AFTER_MS
    this.#clear(forgotten, forgotten, DELETED_PER_CREATE)
    if (this.#entries.size < this.#maxSessions) return
    if (this.#clear(now, Number.POSITIVE_INFINITY, 1) === 0) throw new BffError('store_full')
  }

  #clear(expiredBefore: number, revokedBefore: number, limit: number): number {
    let cleared = 0
    for (; cleared < limit; cleared++) {
      const entry = this.#nextDead(expiredBefore, revokedBefore)
      if (entry === null) break
      this.#remove(entry)
    }
    return cleared
  }

  #nextDead(expiredBefore: number, revokedBefore: number): Entry | null {
    const expired = this.#living.first()
    if (expired !== undefined && expired.at < expiredBefore) return expired
    const revoked = this.#revoked.first()
    return revoked !== undefined && revoked.at < revokedBefore ? revoked : null
  }

  #revoke(entry: Entry, revocation: Revocation): void {
    this.#living.remove(entry)
    const { record } = entry
    entry.record = keep({ ...record, ...WIPED, version: record.version + 1, revocation }, record)
    entry.at = revocation.at
    this.#revoked.add(entry)
  }

  #insert(entry: Entry): void {
    const { record } = entry
    this.#entries.set(record.handle, entry)
    this.#heapOf(record).add(entry)
    this.#reindex(entry, null, record)
  }

  #remove(entry: Entry): void {
    const { record } = entry
    this.#entries.delete(record.handle)
    this.#heapOf(record).remove(entry)
    this.#reindex(entry, record, null)
  }

  #heapOf(record: SessionRecord): DeadlineHeap<Entry> {
    return record.revocation === null ? this.#living : this.#revoked
  }

  #reindex(entry: Entry, from: SessionRecord | null, to: SessionRecord | null): void {
    this.#byUser.move(entry, from?.userId ?? null, to?.userId ?? null)
    this.#byOrganization.move(entry, from?.organizationId ?? null, to?.organizationId ?? null)
    this.#bySubject.move(entry, from && subjectKey(from), to && subjectKey(to))
    this.#byProviderSession.move(entry, from && providerSessionKey(from), to && providerSessionKey(to))
  }
}

type Owners = Pick<SessionFilter, 'issuer' | 'subject'> & { readonly providerSessionId?: string | null }

function subjectKey({ issuer, subject }: Owners): string | null {
  return issuer && subject ? JSON.stringify([issuer, subject]) : null
}

function providerSessionKey({ issuer, providerSessionId }: Owners): string | null {
  return issuer && providerSessionId ? JSON.stringify([issuer, providerSessionId]) : null
}
