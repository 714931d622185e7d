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
import { isOfAnyOwner } from '@bff/core/store'
import { AllSessions } from './all-sessions.ts'
import { Cleanup } from './cleanup.ts'
import type { Connection } from './connection.ts'
import { isOtherType, readEarlier, rewriteEarlier } from './earlier-layout.ts'
import type { Keys } from './keys.ts'
import type { Argument } from './link.ts'
import { OwnedSessions } from './owned-sessions.ts'
import { OwnerIndex } from './owner-index.ts'
import {
  type Admission,
  decodeRecord,
  encodeSession,
  identityOf,
  isWaiting,
  patchSession,
  withTouches,
} from './record.ts'
import { ADMIT, CREATE, REMOVE, REVOKE, type Script, TOUCH, UPDATE } from './scripts.ts'

/** An expired session that no cleanup deleted is deleted after this many milliseconds. */
const KEEP_EXPIRED_MS = 7 * 86_400_000

/** Keeps one string for each session. Every change is a script, and so a single step. */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #index: OwnerIndex
  readonly #owned: OwnedSessions
  readonly #all: AllSessions
  readonly #cleanup: Cleanup
  readonly #retainRevokedMs: number

  constructor(connection: Connection, keys: Keys, retainRevokedMs: number) {
    this.#connection = connection
    this.#keys = keys
    this.#retainRevokedMs = retainRevokedMs
    this.#index = new OwnerIndex(connection, keys, KEEP_EXPIRED_MS + retainRevokedMs)
    this.#owned = new OwnedSessions(connection, keys, this.#index, this)
    this.#all = new AllSessions(connection, keys)
    this.#cleanup = new Cleanup(connection, keys, this.#index)
  }

  async create(record: SessionRecord, { maxPerUser = 0 }: { readonly maxPerUser?: number } = {}) {
    const { admitted, sampled } = await this.#index.add(record)
    const waiting = maxPerUser > 0
    if (!(await this.#insert(record, { admitted, waiting }))) throw new BffError('session_conflict')
    await Promise.all([this.#index.confirm(record), ...sampled.map((some) => this.#owned.verify(some))])
    if (!waiting) return { evicted: [] }
    const evicted = await this.#owned.evict(record, maxPerUser)
    await this.#connection.script(ADMIT, [this.#keys.record(record.handle)], [])
    return { evicted }
  }

  async get(handle: SessionHandle): Promise<SessionRecord | null> {
    const value = await this.#read(handle)
    return value === null || isWaiting(value) ? null : intact(decodeRecord(handle, value))
  }

  async update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null> {
    const value = await this.#read(handle)
    if (value === null || isWaiting(value)) return null
    const before = intact(decodeRecord(handle, value))
    if (before.version !== ifVersion || before.revocation !== null) return null
    const mayMove = patch.organizationId !== undefined || patch.providerSessionId !== undefined
    if (mayMove) await this.#index.add({ ...before, ...patch })
    const changed = patchSession(value, patch)
    const [key, living] = this.#keys.session(handle)
    const args = [handle, identityOf(value), patch.updatedAt, KEEP_EXPIRED_MS, changed]
    const touches = await this.#change(handle, UPDATE, [key, living], args)
    if (touches === null) return null
    const record = intact(decodeRecord(handle, withTouches(changed, touches as Buffer)))
    // A failure is ignored: the update is stored, and the next one restores the index as well.
    await this.#index.confirm(record).catch(() => {})
    if (mayMove) await this.#index.remove(before, handle, this.#index.keysOf(record)).catch(() => {})
    return record
  }

  async touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean> {
    const [key, living] = this.#keys.session(handle)
    return (await this.#change(handle, TOUCH, [key, living], [handle, at, expiresAt, KEEP_EXPIRED_MS])) === 1
  }

  async revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null> {
    const { at, reasonCode, actorType, actorId } = revocation
    const metadata = JSON.stringify({ at, reasonCode, actorType, actorId })
    const args = [handle, at, metadata, this.#retainRevokedMs]
    const found = await this.#change(handle, REVOKE, this.#keys.session(handle), args, true)
    if (found === null) return null
    const [first, value] = found as [number, Buffer]
    const record = intact(decodeRecord(handle, value))
    return { outcome: first === 1 ? 'revoked' : 'already_revoked', record }
  }

  async delete(handle: SessionHandle): Promise<boolean> {
    const found = await this.#connection.durably(REMOVE, this.#keys.session(handle), [handle])
    return this.#cleanup.forget(handle, found)
  }

  async list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    return isOfAnyOwner(filter) ? this.#all.list(filter, page) : this.#owned.list(filter, page)
  }

  async countActive(filter: SessionFilter | AnyOwnerFilter, now: number): Promise<number> {
    return isOfAnyOwner(filter) ? this.#all.countActive(filter, now) : this.#owned.countActive(filter, now)
  }

  revokeAll(
    filter: SessionFilter,
    revocation: Revocation,
    onRevoked?: (record: SessionRecord) => void,
  ): Promise<RevokeAllOutcome> {
    return this.#owned.revokeAll(filter, revocation, onRevoked)
  }

  deleteAll(filter: SessionFilter): Promise<number> {
    return this.#owned.deleteAll(filter)
  }

  cleanup(options: CleanupOptions): Promise<{ deleted: number; more: boolean }> {
    return this.#cleanup.run(options)
  }

  async ping(): Promise<void> {
    await this.#connection.run((link) => link.ping())
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #read(handle: SessionHandle): Promise<Buffer | null> {
    const key = this.#keys.record(handle)
    try {
      return await this.#connection.read(key)
    } catch (error) {
      if (!isOtherType(error)) throw error
      const value = await this.#connection.run((link) => readEarlier(link, key, handle))
      return value === 'malformed' ? intact(null) : value
    }
  }

  /** Runs a script that changes a session, durably or not. */
  async #change(
    handle: SessionHandle,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    durably = false,
  ): Promise<unknown> {
    const run = () =>
      durably ? this.#connection.durably(script, keys, args) : this.#connection.script(script, keys, args)
    try {
      return await run()
    } catch (error) {
      if (!isOtherType(error)) throw error
      await rewriteEarlier(this.#connection, this.#keys.record(handle), handle)
      return run()
    }
  }

  async #insert(record: SessionRecord, admission: Admission): Promise<boolean> {
    const { handle, createdAt, updatedAt, revocation } = record
    const [key, living, revoked] = this.#keys.session(handle)
    const ends = endOfSession(record)
    const life = revocation
      ? this.#retainRevokedMs
      : Math.ceil(Math.max(0, ends - updatedAt)) + KEEP_EXPIRED_MS
    const gone = createdAt - (revocation ? this.#retainRevokedMs : KEEP_EXPIRED_MS)
    const due = revocation?.at ?? ends
    const args = [handle, due, life, gone, encodeSession(record, admission)]
    return (await this.#connection.script(CREATE, [key, revocation ? revoked : living], args)) === 1
  }
}

function intact<T>(record: T | null): T {
  if (record === null) throw new BffError('seal_broken')
  return record
}
