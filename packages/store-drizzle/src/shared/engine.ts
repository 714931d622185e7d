import type { SessionPatch } from '@bff/core'
import type { SQL, Table } from 'drizzle-orm'
import type { RevocationChange, SessionRow } from './record.ts'

/** better-sqlite3 answers at once, the others later. */
export type Answer<T> = T | Promise<T>

/** The operations that differ between engines, each with the fewest atomic statements. */
export interface SessionEngine {
  /** `false`: the id is taken, and nothing changed. */
  insert(row: SessionRow): Answer<boolean>
  /**
   * Inserts, and in the same transaction revokes all but the newest `keep` other sessions of the user that are active
   * at `revocation.revokedAt`. `null`: the id is taken.
   */
  insertCapped(row: SessionRow, keep: number, revocation: RevocationChange): Answer<Evicted[] | null>
  find(id: string): Answer<SessionRow | undefined>
  /** Only while unrevoked and at that version. */
  update(id: string, patch: SessionPatch, ifVersion: number): Answer<SessionRow | undefined>
  /** Only while unrevoked. */
  touch(id: string, at: number, expiresAt: number): Answer<boolean>
  /** Only while unrevoked. */
  revoke(id: string, revocation: RevocationChange): Answer<SessionRow | undefined>
  revokeWhere(where: SQL, revocation: RevocationChange): Answer<SessionRow[]>
  delete(id: string): Answer<boolean>
  deleteWhere(where: SQL): Answer<number>
  /** At most `limit`, passing over what another worker is deleting. */
  deleteSome(where: SQL, limit: number): Answer<number>
  exists(where: SQL): Answer<boolean>
  page(where: SQL, limit: number): Answer<SessionRow[]>
  count(where: SQL): Answer<number>
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
  sweep(now: number, limit: number): Answer<unknown>
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
  describe(table: Table): Answer<TableFacts>
  /** Returns another reason why the laws do not hold, as a sentence; `null` when there is no reason. */
  misconfigured?(): Answer<string | null>
  /** Closes what the store opened itself. */
  end(): Promise<void>
}
