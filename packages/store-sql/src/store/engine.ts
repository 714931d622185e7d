import type { SessionPatch, SessionRecord } from '@bff/core'
import type { Sql } from 'sql-template-tag'
import type { Answer } from '../port.ts'
import type { TableName } from '../sql/table.ts'
import type { RevocationChange, SessionRow } from './record.ts'

/** The operations that differ between engines, each with the fewest atomic statements. */
export interface SessionEngine {
  /** `false`: the id is taken, and nothing changed. */
  insert(row: SessionRow): Answer<boolean>
  /**
   * Inserts, and in the same transaction revokes all but the newest `keep` other sessions of the user that are active
   * at `revocation.revokedAt`. `null`: the id is taken.
   */
  insertCapped(row: SessionRow, keep: number, revocation: RevocationChange): Answer<Evicted[] | null>
  find(id: string): Answer<SessionRecord | null>
  /** Only while unrevoked and at that version. */
  update(id: string, patch: SessionPatch, ifVersion: number): Answer<SessionRecord | null>
  /** Only while unrevoked. */
  touch(id: string, at: number, expiresAt: number): Answer<boolean>
  /** Only while unrevoked. */
  revoke(id: string, revocation: RevocationChange): Answer<SessionRecord | null>
  revokeWhere(where: Sql, revocation: RevocationChange): Answer<SessionRecord[]>
  delete(id: string): Answer<boolean>
  deleteWhere(where: Sql): Answer<number>
  /** At most `limit`, passing over what another worker is deleting. */
  deleteSome(where: Sql, limit: number): Answer<number>
  exists(where: Sql): Answer<boolean>
  page(where: Sql, limit: number, order: Sql): Answer<SessionRecord[]>
  count(where: Sql): Answer<number>
  ping(): Answer<unknown>
}

export interface Evicted {
  readonly id: string
  readonly createdAt: number
}

/** The same for small values. `now` and `expiresAt` are epoch milliseconds. */
export interface TtlEngine {
  set(key: string, value: string, expiresAt: number): Answer<unknown>
  get(key: string, now: number): Answer<string | null>
  setIfAbsent(key: string, value: string, expiresAt: number, now: number): Answer<boolean>
  take(key: string, now: number): Answer<string | null>
  extend(key: string, value: string, expiresAt: number, now: number): Answer<boolean>
  compareAndDelete(key: string, value: string, now: number): Answer<boolean>
  cleanup(now: number, limit: number): Answer<unknown>
}

/** A table as the database has it. */
export interface TableFacts {
  readonly columns: readonly string[]
  readonly indexes: readonly IndexFacts[]
}

export interface IndexFacts {
  readonly unique: boolean
  readonly columns: readonly string[]
}

/** A database with the store's tables, ready for use. */
export interface Engine {
  readonly sessions: SessionEngine
  readonly ttl: TtlEngine
  /** `columns` is empty when there is no such table. */
  describe(table: TableName): Answer<TableFacts>
  /** Returns another reason why the laws do not hold, as a sentence; `null` when there is no reason. */
  misconfigured?(): Answer<string | null>
  /** Closes what the store opened itself. */
  end(): Promise<void>
}
