import type { SessionFilter, SessionHandle, SessionRecord } from '@bff/core'
import type { Cursor } from '@bff/core/store'
import sql, { join, type Sql } from 'sql-template-tag'
import type { RowField } from '../store/record.ts'
import { encode } from './codecs.ts'
import type { Dialect } from './dialect.ts'
import type { Table } from './table.ts'

/** The columns of a session's table, with the one that the database computes. */
export type SessionColumn = RowField | 'endsAt'

const FIELDS = ['userId', 'organizationId', 'issuer', 'subject', 'providerSessionId', 'deviceId'] as const

/** The conditions on many sessions, in forms for which the table has indexes. */
export class Conditions {
  readonly #table: Table<SessionColumn>
  readonly #dialect: Dialect

  constructor(table: Table<SessionColumn>, dialect: Dialect) {
    this.#table = table
    this.#dialect = dialect
  }

  matches(filter: SessionFilter): Sql {
    const { exceptHandle } = filter
    const equal = FIELDS.map((field) => {
      const [column, value] = [this.#table.column(field), filter[field]]
      if (value === null) return sql`${this.#dialect.unindexed(column)} is null`
      return value === undefined ? null : this.#dialect.equal(column, value)
    })
    return all(...equal, exceptHandle === undefined ? null : this.isNot(exceptHandle))
  }

  isNot(handle: string): Sql {
    return sql`${this.#table.column('id')} <> ${handle}`
  }

  /** Neither revoked nor expired at `now`; a session expires strictly after its limit. */
  active(now: number): Sql {
    // The owner is much more selective.
    return all(this.unrevoked, sql`${this.#unindexed('endsAt')} >= ${this.#time(now)}`)
  }

  /** Not revoked, and before the absolute limit, which no write moves (SS-19). */
  wakeable(now: number): Sql {
    const limit = sql`${this.#table.column('absoluteExpiresAt')} >= ${this.#time(now)}`
    return all(this.unrevoked, limit)
  }

  /** The user's sessions that are active when this one is created; it may include the new one. */
  othersActive(user: Pick<SessionRecord, 'userId' | 'issuer' | 'createdAt'>): Sql {
    const { userId, issuer, createdAt } = user
    return all(this.matches({ userId, issuer }), this.active(createdAt))
  }

  expired(now: number): Sql {
    const { column } = this.#table
    return all(sql`${column('revokedAt')} is null`, sql`${column('endsAt')} < ${this.#time(now)}`)
  }

  revokedBefore(time: number): Sql {
    return sql`${this.#table.column('revokedAt')} < ${this.#time(time)}`
  }

  behind({ createdAt, handle }: Cursor): Sql {
    const created = this.#table.column('createdAt')
    const at = this.#time(createdAt)
    // The first half is what an index can seek by.
    return all(sql`${created} <= ${at}`, sql`(${created} < ${at} or ${this.byHandle} > ${handle})`)
  }

  behindHandle(handle: SessionHandle): Sql {
    return sql`${this.byHandle} > ${handle}`
  }

  get byHandle(): Sql {
    return this.#dialect.byteOrder(this.#table.column('id'))
  }

  get newestFirst(): Sql {
    return sql`${this.#table.column('createdAt')} desc, ${this.byHandle}`
  }

  get unrevoked(): Sql {
    return sql`${this.#unindexed('revokedAt')} is null`
  }

  #unindexed(field: SessionColumn): Sql {
    return this.#dialect.unindexed(this.#table.column(field))
  }

  #time(ms: number) {
    return encode(this.#dialect.codecs, 'time', ms)
  }
}

/** All of them hold; without any, everything does. */
export function all(...conditions: (Sql | null)[]): Sql {
  const given = conditions.filter((condition) => condition !== null)
  if (given.length === 0) return sql`true`
  return sql`(${join(given, ' and ')})`
}
