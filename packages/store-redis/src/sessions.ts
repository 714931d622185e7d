import {
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
import { Cleanup } from './cleanup.ts'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'
import { OwnedSessions } from './owned-sessions.ts'
import { OwnerIndex } from './owner-index.ts'
import { decodeRecord, encodeFields, fieldsOf, isWaiting } from './record.ts'
import { CREATE, REMOVE, REVOKE, TOUCH, UPDATE } from './scripts.ts'

/** An expired session that no cleanup deleted is deleted after this many milliseconds. */
const KEEP_EXPIRED_MS = 7 * 86_400_000

/** Keeps one hash for each session. Every change is a script, and so a single step. */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #index: OwnerIndex
  readonly #owned: OwnedSessions
  readonly #cleanup: Cleanup
  readonly #retainRevokedMs: number

  constructor(connection: Connection, keys: Keys, retainRevokedMs: number) {
    this.#connection = connection
    this.#keys = keys
    this.#retainRevokedMs = retainRevokedMs
    this.#index = new OwnerIndex(connection, keys, KEEP_EXPIRED_MS + retainRevokedMs)
    this.#owned = new OwnedSessions(connection, keys, this.#index, this)
    this.#cleanup = new Cleanup(connection, keys, this.#index)
  }

  async create(record: SessionRecord, { maxPerUser = 0 }: { readonly maxPerUser?: number } = {}) {
    const { admitted, sampled } = await this.#index.add(record)
    const waiting = maxPerUser > 0 ? ['w', 1] : []
    if (!(await this.#insert(record, ['q', admitted, ...waiting]))) throw new BffError('session_conflict')
    await Promise.all([this.#index.confirm(record), ...sampled.map((some) => this.#owned.verify(some))])
    if (maxPerUser <= 0) return { evicted: [] }
    const evicted = await this.#owned.evict(record, maxPerUser)
    const [key] = this.#keys.session(record.handle)
    await this.#connection.run((client) => client.hdel(key, 'w'))
    return { evicted }
  }

  async get(handle: SessionHandle): Promise<SessionRecord | null> {
    const [key] = this.#keys.session(handle)
    const fields = await this.#connection.run((client) => client.hgetallBuffer(key))
    const isThere = Object.keys(fields).length > 0 && !isWaiting(fields)
    return isThere ? intact(decodeRecord(handle, fields)) : null
  }

  async update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null> {
    const before = await this.#beforeMove(handle, patch, ifVersion)
    if (before === null) return null
    const { set, clear } = encodeFields(patch)
    const [key, living] = this.#keys.session(handle)
    const args = [handle, ifVersion, patch.updatedAt, KEEP_EXPIRED_MS, clear.length, ...clear, ...set]
    const found = await this.#connection.script(UPDATE, [key, living], args)
    if (found === null) return null
    const record = intact(decodeRecord(handle, fieldsOf(found as Buffer[])))
    // A failure is ignored: the update is stored, and the next one restores the index as well.
    await this.#index.confirm(record).catch(() => {})
    if (before) await this.#index.remove(before, handle, this.#index.keysOf(record)).catch(() => {})
    return record
  }

  async touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean> {
    const [key, living] = this.#keys.session(handle)
    return (
      (await this.#connection.script(TOUCH, [key, living], [handle, at, expiresAt, KEEP_EXPIRED_MS])) === 1
    )
  }

  async revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null> {
    const { at, reasonCode, actorType, actorId } = revocation
    const metadata = JSON.stringify({ at, reasonCode, actorType, actorId })
    const args = [handle, at, metadata, this.#retainRevokedMs]
    const found = await this.#connection.durably(REVOKE, this.#keys.session(handle), args)
    if (found === null) return null
    const [first, hash] = found as [number, Buffer[]]
    const record = intact(decodeRecord(handle, fieldsOf(hash)))
    return { outcome: first === 1 ? 'revoked' : 'already_revoked', record }
  }

  async delete(handle: SessionHandle): Promise<boolean> {
    const found = await this.#connection.durably(REMOVE, this.#keys.session(handle), [handle])
    return this.#cleanup.forget(handle, found)
  }

  list(filter: SessionFilter, page?: Page): Promise<SessionPage> {
    return this.#owned.list(filter, page)
  }

  countActive(filter: SessionFilter, now: number): Promise<number> {
    return this.#owned.countActive(filter, now)
  }

  revokeAll(filter: SessionFilter, revocation: Revocation): Promise<RevokeAllOutcome> {
    return this.#owned.revokeAll(filter, revocation)
  }

  deleteAll(filter: SessionFilter): Promise<number> {
    return this.#owned.deleteAll(filter)
  }

  cleanup(options: CleanupOptions): Promise<{ deleted: number; more: boolean }> {
    return this.#cleanup.run(options)
  }

  async ping(): Promise<void> {
    await this.#connection.run((client) => client.ping())
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #insert(record: SessionRecord, more: readonly (string | number)[]): Promise<boolean> {
    const { handle, createdAt, updatedAt, revocation } = record
    const [key, living, revoked] = this.#keys.session(handle)
    const ends = endOfSession(record)
    const life = revocation
      ? this.#retainRevokedMs
      : Math.ceil(Math.max(0, ends - updatedAt)) + KEEP_EXPIRED_MS
    const gone = createdAt - (revocation ? this.#retainRevokedMs : KEEP_EXPIRED_MS)
    const due = revocation?.at ?? ends
    const { set } = encodeFields(record)
    const args = [handle, due, life, gone, ...set, ...more]
    return (await this.#connection.script(CREATE, [key, revocation ? revoked : living], args)) === 1
  }

  /**
   * Adds a session to its new owners' indexes when the patch may change its owners, and returns the session before the
   * change; `undefined` when the owners stay, `null` when the update must fail.
   */
  async #beforeMove(handle: SessionHandle, patch: SessionPatch, ifVersion: number) {
    if (patch.organizationId === undefined && patch.providerSessionId === undefined) return undefined
    const before = await this.get(handle)
    if (before === null || before.version !== ifVersion || before.revocation !== null) return null
    await this.#index.add({ ...before, ...patch })
    return before
  }
}

function intact(record: SessionRecord | null): SessionRecord {
  if (record === null) throw new BffError('seal_broken')
  return record
}
