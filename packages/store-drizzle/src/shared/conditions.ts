import type { SessionFilter, SessionRecord } from '@bff/core'
import type { Cursor } from '@bff/core/store'
import { and, type Column, desc, eq, gte, isNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm'

/** The columns of the conditions. */
export interface ConditionColumns {
  readonly id: Column
  readonly userId: Column
  readonly organizationId: Column
  readonly issuer: Column
  readonly providerSessionId: Column
  readonly deviceId: Column
  readonly createdAt: Column
  readonly endsAt: Column
  readonly absoluteExpiresAt: Column
  readonly revokedAt: Column
}

/** Where engines differ in conditions. */
export interface Rules {
  /** Equality of all characters, including trailing spaces. */
  equal(column: Column, value: string): SQL
  /** The column in byte order, for sorting. */
  byteOrder(column: Column): SQL
  /** The column, so that the planner cannot choose an index by it. */
  unindexed(column: Column): SQL
}

export const plainRules: Rules = {
  equal: eq,
  byteOrder: (column) => sql`${column}`,
  unindexed: (column) => sql`${column}`,
}

const FIELDS = ['userId', 'organizationId', 'issuer', 'providerSessionId', 'deviceId'] as const

/** The conditions on many sessions, in forms for which the table has indexes. */
export class Conditions {
  readonly #columns: ConditionColumns
  readonly #rules: Rules

  constructor(columns: ConditionColumns, rules: Rules = plainRules) {
    this.#columns = columns
    this.#rules = rules
  }

  matches(filter: SessionFilter): SQL {
    const { exceptHandle } = filter
    const { equal: isEqual, unindexed } = this.#rules
    const equal = FIELDS.map((field) => {
      const [column, value] = [this.#columns[field], filter[field]]
      if (value === null) return sql`${unindexed(column)} is null`
      return value === undefined ? undefined : isEqual(column, value)
    })
    return all(...equal, exceptHandle === undefined ? undefined : ne(this.#columns.id, exceptHandle))
  }

  /** Neither revoked nor expired at `now`; a session expires strictly after its limit. */
  active(now: number): SQL {
    const { revokedAt, endsAt } = this.#columns
    const { unindexed } = this.#rules
    // The owner is much more selective.
    return all(sql`${unindexed(revokedAt)} is null`, sql`${unindexed(endsAt)} >= ${sql.param(now, endsAt)}`)
  }

  /** Not revoked, and before the absolute limit, which no write moves (SS-19). */
  wakeable(now: number): SQL {
    const { revokedAt, absoluteExpiresAt } = this.#columns
    const unrevoked = sql`${this.#rules.unindexed(revokedAt)} is null`
    return all(unrevoked, gte(absoluteExpiresAt, now))
  }

  /** The user's sessions that are active when this one is created; it may include the new one. */
  othersActive(user: Pick<SessionRecord, 'userId' | 'issuer' | 'createdAt'>): SQL {
    const { userId, issuer, createdAt } = user
    return all(this.matches({ userId, issuer }), this.active(createdAt))
  }

  expired(now: number): SQL {
    return all(isNull(this.#columns.revokedAt), lt(this.#columns.endsAt, now))
  }

  revokedBefore(time: number): SQL {
    return lt(this.#columns.revokedAt, time)
  }

  behind({ createdAt, handle }: Cursor): SQL {
    const { createdAt: created, id } = this.#columns
    // The first half is what an index can seek by.
    return all(
      lte(created, createdAt),
      or(lt(created, createdAt), sql`${this.#rules.byteOrder(id)} > ${handle}`),
    )
  }

  get newestFirst(): [SQL, SQL] {
    return [desc(this.#columns.createdAt), this.#rules.byteOrder(this.#columns.id)]
  }
}

/** All of them hold; for `and`, which is undefined when given nothing. */
export function all(...conditions: (SQL | undefined)[]): SQL {
  return and(...conditions) ?? sql`true`
}
