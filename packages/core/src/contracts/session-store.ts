import type { Attachable } from './attachable.ts'
import type { Revocation, SessionHandle, SessionPatch, SessionRecord } from './session.ts'

/**
 * Selects the sessions of an operation. A session must match all given members (AND).
 *
 * It must name `userId`, `organizationId`, or `issuer` with `subject` or `providerSessionId`; anything less would reach across
 * users and throws `invalid_argument`.
 */
export interface SessionFilter {
  readonly userId?: string
  readonly organizationId?: string
  /** `null`: only sessions without one. */
  readonly issuer?: string | null
  /** The provider's subject. `null`: only sessions without one, whose subject is their `userId`. */
  readonly subject?: string | null
  readonly providerSessionId?: string
  readonly deviceId?: string
  /** Leaves this one session out: "sign out everywhere else". */
  readonly exceptHandle?: SessionHandle
}

/**
 * Selects sessions of any owner: those that match the other members, or all sessions of the store. It is for operators. `list`
 * and `countActive` take it; `revokeAll` and `deleteAll` refuse it, so that a forgotten owner never ends everyone's sessions.
 */
export interface AnyOwnerFilter extends SessionFilter {
  readonly owner: 'any'
}

export interface Page {
  /** The most records of a page. @default 100. Minimum 1, maximum 1000. */
  readonly limit?: number
  /** `next` of the previous page. */
  readonly cursor?: string
}

export interface SessionPage {
  readonly records: readonly SessionRecord[]
  /** The `cursor` of the next page; `null` for the last page. */
  readonly next: string | null
}

export interface RevokeOutcome {
  readonly outcome: 'revoked' | 'already_revoked'
  /** The record as it is now, with its sealed fields wiped and the first revocation, which is final. */
  readonly record: SessionRecord
}

export interface RevokeAllOutcome {
  readonly outcome: 'revoked' | 'no_active_sessions'
  /** What this call revoked, newest first; empty for `no_active_sessions`. */
  readonly records: readonly SessionRecord[]
}

export interface CleanupOptions {
  /** Epoch milliseconds. */
  readonly now: number
  /** Delete at most this many records. */
  readonly limit: number
  /** How long a revoked record is kept for the audit trail, in milliseconds from its revocation. */
  readonly retainRevokedMs: number
}

/**
 * Keeps session records. All methods are required, safe to call concurrently, and work on records as plain data: arguments
 * and results share no memory with the stored records.
 *
 * A store does not read the clock: callers pass the time, and `get` may return expired or revoked records.
 *
 * Laws (each is a test of the store suite):
 *
 * - SS-01 A created record is read back equal, byte for byte.
 * - SS-02 `create` of a taken handle throws `session_conflict`, changes nothing and evicts nobody; of concurrent creates
 *   exactly one wins.
 * - SS-03 `get` of an unknown handle is `null`; handles differ by case.
 * - SS-04 `update` applies exactly the patch, adds one to `version` and returns the new record.
 * - SS-05 `update` with another version than the stored one is `null` and changes nothing.
 * - SS-06 `update` of an unknown, deleted or revoked session is `null` and creates nothing.
 * - SS-07 A `null` in a patch clears the field; an absent key leaves it alone.
 * - SS-08 Of concurrent updates from one version exactly one wins.
 * - SS-09 `touch` moves `lastAccessedAt` and `expiresAt` forward only, each on its own, never past `absoluteExpiresAt`, and
 *   leaves `version` alone: neither it nor a concurrent update is lost.
 * - SS-10 `touch` of an unknown, deleted or revoked session is `false` and creates nothing.
 * - SS-11 `revoke` stores the revocation, wipes every sealed field (`WIPED`), adds one to `version`, leaves all else, and
 *   answers `revoked`.
 * - SS-12 A second `revoke` answers `already_revoked`; the first metadata stays.
 * - SS-13 `revoke` of an unknown handle is `null` and creates nothing.
 * - SS-14 No write after a revocation brings a session back: not update, touch, nor create of its handle.
 * - SS-15 `delete` is idempotent: `true` when it removed something, else `false`; of concurrent deletes one wins.
 * - SS-16 `list` is newest first, ties by handle ascending (`newestFirst`), includes expired and revoked records that are
 *   still kept, and pages without gap or repeat, even while records are created and deleted. A malformed cursor or limit
 *   throws `invalid_argument` (`readPage`).
 * - SS-17 A filter without an owner throws `invalid_argument` and touches nothing (`requireOwner`). So does `owner: 'any'` in
 *   `revokeAll` and `deleteAll`.
 * - SS-18 `countActive` counts what matches and is neither revoked nor expired at `now`, as `isExpired` defines it.
 * - SS-19 `revokeAll` revokes what is neither revoked nor past its absolute end: the idle too, as a write under way could
 *   still wake them. It returns what was active, newest first, and answers `no_active_sessions` with an empty list when
 *   nothing was. Each session is returned by one call only.
 * - SS-20 `deleteAll` removes what matches, in any state, and counts it.
 * - SS-21 `cleanup` deletes expired records, and revoked ones strictly after their retention, never more than `limit`, and
 *   says whether more is left. For a revoked record only its retention counts.
 * - SS-22 `create` with `maxPerUser` revokes the user's oldest active sessions in the same step (`session_limit` by
 *   `system`, at the new one's `createdAt`), so that at most that many stay active, and names them. A user is `userId`
 *   together with `issuer`, even if that is `null` (BFF-23).
 * - SS-23 Hostile ids (`:`, `{}`, `%`, newline, `__proto__`, SQL, globs, emoji) are plain data.
 * - SS-24 A fault throws `store_unavailable` without a secret or a record in its message; it is never `null`.
 * - SS-25 `close` is idempotent; after it every call throws `store_unavailable`.
 * - SS-26 A change of an argument or a result does not change the stored record.
 * - SS-27 An active session is kept until it expires, even if that is in 400 days.
 * - SS-28 A filter's members narrow each other, and find a session under its present owner only.
 * - SS-29 For any concurrent calls on one session, or on a user's only one, some order of the calls explains every result
 *   (linearizability).
 * - SS-30 `issuer: null` in a filter matches sessions without an issuer and no others, and is no owner. So does `subject: null`.
 * - SS-31 `issuer` with `subject` is an owner: a filter with both finds every session of that subject, of any `userId`.
 * - SS-32 `list` with `owner: 'any'` finds the sessions of every owner, as the other members narrow them, in an order of the
 *   store's own that no write changes (`readHandlePage`). A walk over its pages has no gap and no repeat, even while sessions
 *   are created, changed, revoked and deleted, and while they move within the backend. A page may be short, or empty, before
 *   the last one.
 * - SS-33 `countActive` with `owner: 'any'` counts the active sessions of every owner, as the other members narrow them.
 * - SS-34 `revokeAll` passes each session that it returns to `onRevoked`, once, and no other.
 */
export interface SessionStore extends Attachable {
  /**
   * @throws BffError `session_conflict` when the handle is taken, `store_full` when the store is full, `store_unavailable`
   * on a fault
   */
  create(
    record: SessionRecord,
    limits?: { readonly maxPerUser?: number },
  ): Promise<{ evicted: SessionHandle[] }>
  /** Returns the record, also when it is expired or revoked; `null` without one. */
  get(handle: SessionHandle): Promise<SessionRecord | null>
  /** Returns the new record, or `null` when it is deleted, revoked or changed since `ifVersion`. */
  update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null>
  /** Returns `false` when the session is deleted or revoked. */
  touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean>
  /** Returns `null` when there is no such session. */
  revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null>
  /** Returns whether there was a record to delete. */
  delete(handle: SessionHandle): Promise<boolean>
  list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionPage>
  countActive(filter: SessionFilter | AnyOwnerFilter, now: number): Promise<number>
  /**
   * A session counts as active at `revocation.at`. A fault at some sessions does not stop the revocation of others that the
   * store can reach; then it throws, and the next call revokes the rest.
   *
   * @param onRevoked receives each active session that was revoked, in any order, before the promise settles: also those of a
   * call that then throws
   */
  revokeAll(
    filter: SessionFilter,
    revocation: Revocation,
    onRevoked?: (record: SessionRecord) => void,
  ): Promise<RevokeAllOutcome>
  deleteAll(filter: SessionFilter): Promise<number>
  cleanup(options: CleanupOptions): Promise<{ deleted: number; more: boolean }>
  /** Resolves when the backend answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
