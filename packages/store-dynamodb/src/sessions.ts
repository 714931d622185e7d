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
import { givenFields, isOfAnyOwner, SEALED_FIELDS } from '@bff/core/store'
import { AllSessions } from './all-sessions.ts'
import { all, createdAs } from './conditions.ts'
import type { Connection } from './connection.ts'
import { OwnedSessions } from './owned-sessions.ts'
import { OwnerIndex } from './owner-index.ts'
import {
  ALONE,
  admissionOf,
  decodeSession,
  encodeField,
  encodeRevocation,
  encodeSession,
  sessionKey,
} from './record.ts'
import type { Expression, Table } from './table.ts'
import { deleteAt, type Item } from './values.ts'

/** DynamoDB deletes an expired session some time after this many milliseconds. */
const KEEP_EXPIRED_MS = 7 * 86_400_000

const EXISTS = 'attribute_exists(#pk) AND attribute_not_exists(#waiting)'
const UNREVOKED = `${EXISTS} AND attribute_not_exists(#revocation)`

export interface SessionsOptions {
  readonly connection: Connection
  readonly table: Table
  readonly retainRevokedMs: number
}

/** Keeps one item for each session. Every change is one conditional write, and so a single step. */
export class DynamodbSessionStore implements SessionStore {
  readonly #connection: Connection
  readonly #table: Table
  readonly #retainRevokedMs: number
  readonly #index: OwnerIndex
  readonly #owned: OwnedSessions
  readonly #all: AllSessions

  constructor({ connection, table, retainRevokedMs }: SessionsOptions) {
    this.#connection = connection
    this.#table = table
    this.#retainRevokedMs = retainRevokedMs
    this.#index = new OwnerIndex(table, 2 * KEEP_EXPIRED_MS + retainRevokedMs)
    const changes = {
      revoke: (handle: SessionHandle, revocation: Revocation, condition: Expression) =>
        this.#revoke(handle, revocation, condition),
      delete: (handle: SessionHandle, condition: Expression) => this.#delete(handle, condition),
    }
    this.#owned = new OwnedSessions(this.#index, changes)
    this.#all = new AllSessions(table, changes)
  }

  async create(record: SessionRecord, { maxPerUser = 0 }: { readonly maxPerUser?: number } = {}) {
    const { handle, expiresAt, revocation } = record
    const waiting = maxPerUser > 0
    const entry = this.#index.newEntry()
    const gone = revocation ? revocation.at + this.#retainRevokedMs : expiresAt + KEEP_EXPIRED_MS
    const item = encodeSession(record, { entry, ticket: 0, waiting }, deleteAt(gone))
    const ticket = waiting ? await this.#index.ticket(record) : 0
    await this.#index.add(record, entry)
    const written = { ...item, ticket: { N: String(ticket) } }
    if (!(await this.#table.put(written, { expression: 'attribute_not_exists(#pk)' }))) {
      await this.#index.remove(record, entry)
      throw new BffError('session_conflict')
    }
    if (!waiting) return { evicted: [] }
    const evicted = await this.#owned.evict(record, maxPerUser)
    await this.#table.update(sessionKey(handle), { remove: '#waiting' }, createdAs(entry))
    return { evicted }
  }

  async get(handle: SessionHandle): Promise<SessionRecord | null> {
    const item = await this.#find(handle)
    return item === null ? null : decodeSession(item)
  }

  async update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null> {
    const { organizationId, providerSessionId, ...given } = givenFields(patch)
    const moved = {
      ...(organizationId !== undefined && { organizationId }),
      ...(providerSessionId !== undefined && { providerSessionId }),
    }
    const conditions: Expression[] = [
      { expression: `${UNREVOKED} AND #version = :ifVersion`, values: { ifVersion } },
    ]
    if (Object.keys(moved).length > 0) {
      const entry = await this.#readyToMove(handle, moved, ifVersion)
      if (entry === null) return null
      // A session that was deleted and created again since has no entries of the new owners.
      conditions.push(createdAs(entry))
    }
    const set: string[] = ['#version = #version + :one']
    const remove: string[] = []
    const encoded: Record<string, ReturnType<typeof encodeField>> = {}
    for (const [name, value] of Object.entries({ ...given, ...moved })) {
      if (value === null) remove.push(`#${name}`)
      else {
        set.push(`#${name} = :${name}`)
        encoded[name] = encodeField(name as Parameters<typeof encodeField>[0], value)
      }
    }
    const item = await this.#table.update(
      sessionKey(handle),
      { set: set.join(', '), remove: remove.join(', ') || undefined, values: { one: 1 }, encoded },
      all(...conditions),
    )
    return item === null ? null : decodeSession(item)
  }

  /** The first write supposes that both times move. Then what was read says which of them do: at most three writes in all. */
  async touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean> {
    let until = expiresAt
    let moves = { lastAccessedAt: true, expiresAt: true, end: '#absoluteExpiresAt >= :until' }
    for (;;) {
      if (await this.#move(handle, at, until, moves)) return true
      const item = await this.#find(handle)
      const record = item && decodeSession(item)
      if (record === null || record.revocation !== null) return false
      until = Math.min(expiresAt, record.absoluteExpiresAt)
      moves = {
        lastAccessedAt: record.lastAccessedAt < at,
        expiresAt: record.expiresAt < until,
        end: `#absoluteExpiresAt ${until === expiresAt ? '>=' : '='} :until`,
      }
      if (!moves.lastAccessedAt && !moves.expiresAt) return true
    }
  }

  async revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null> {
    for (;;) {
      const revoked = await this.#revoke(handle, revocation, { expression: EXISTS })
      if (revoked !== null) return { outcome: 'revoked', record: revoked }
      const item = await this.#find(handle)
      if (item === null) return null
      const record = decodeSession(item)
      // Otherwise it was created in between: that one is to be revoked.
      if (record.revocation !== null) return { outcome: 'already_revoked', record }
    }
  }

  delete(handle: SessionHandle): Promise<boolean> {
    return this.#delete(handle, { expression: EXISTS })
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
    return this.#all.cleanup(options)
  }

  async ping(): Promise<void> {
    await this.#table.get({ pk: 'ping', sk: ALONE })
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #find(handle: SessionHandle): Promise<Item | null> {
    const item = await this.#table.get(sessionKey(handle))
    return item === null || admissionOf(item).waiting ? null : item
  }

  /** Moves these of the two times forward, while the others are not behind. */
  async #move(
    handle: SessionHandle,
    at: number,
    until: number,
    moves: { readonly lastAccessedAt: boolean; readonly expiresAt: boolean; readonly end: string },
  ): Promise<boolean> {
    const set = [
      ...(moves.lastAccessedAt ? ['#lastAccessedAt = :at'] : []),
      ...(moves.expiresAt ? ['#expiresAt = :until, #deleteAt = :deleteAt'] : []),
    ]
    const conditions = [
      UNREVOKED,
      `#lastAccessedAt ${moves.lastAccessedAt ? '<=' : '>='} :at`,
      `#expiresAt ${moves.expiresAt ? '<=' : '>='} :until`,
      moves.end,
    ]
    const change = {
      set: set.join(', '),
      values: { at, until, ...(moves.expiresAt && { deleteAt: deleteAt(until + KEEP_EXPIRED_MS) }) },
    }
    const condition = { expression: conditions.join(' AND ') }
    return (await this.#table.update(sessionKey(handle), change, condition)) !== null
  }

  /**
   * Writes the entries of the new owners, and returns the name of the creation that they belong to; `null` when the session has
   * another version or has ended. The entries of the earlier owners stay: they are hints, and end by themselves.
   */
  async #readyToMove(
    handle: SessionHandle,
    moved: Partial<Pick<SessionRecord, 'organizationId' | 'providerSessionId'>>,
    ifVersion: number,
  ): Promise<string | null> {
    const item = await this.#find(handle)
    if (item === null) return null
    const record = decodeSession(item)
    if (record.version !== ifVersion || record.revocation !== null) return null
    const { entry } = admissionOf(item)
    await this.#index.add({ ...record, ...moved }, entry)
    return entry
  }

  /** Returns the revoked session, or `null` when no session that is not revoked is as the condition says. */
  async #revoke(
    handle: SessionHandle,
    revocation: Revocation,
    condition: Expression,
  ): Promise<SessionRecord | null> {
    const item = await this.#table.update(
      sessionKey(handle),
      {
        set: '#revocation = :revocation, #version = #version + :one, #deleteAt = :deleteAt',
        remove: [...SEALED_FIELDS, 'waiting'].map((field) => `#${field}`).join(', '),
        values: { one: 1, deleteAt: deleteAt(revocation.at + this.#retainRevokedMs) },
        encoded: { revocation: encodeRevocation(revocation) },
      },
      all(condition, 'attribute_exists(#pk) AND attribute_not_exists(#revocation)'),
    )
    return item === null ? null : decodeSession(item)
  }

  async #delete(handle: SessionHandle, condition: Expression): Promise<boolean> {
    const item = await this.#table.delete(sessionKey(handle), condition)
    if (item === null) return false
    await this.#index.remove(decodeSession(item), admissionOf(item).entry)
    return true
  }
}
