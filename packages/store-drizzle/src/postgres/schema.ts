import { SESSION_FIELDS } from '@bff/core/store'
import { type SQL, sql } from 'drizzle-orm'
import { customType, index, integer, jsonb, type PgColumn, pgTable, text, varchar } from 'drizzle-orm/pg-core'
import { type Json, toBuffer, toBytes } from '../shared/codecs.ts'
import { type ColumnTypes, plainColumns } from '../shared/columns.ts'

/** Epoch milliseconds, kept as `timestamptz(3)`. */
const time = customType<{ data: number; driverData: string | Date }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (ms) => (ms === null ? ms : new Date(ms).toISOString()),
  fromDriver: (value) => new Date(value).getTime(),
})

const sealed = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  toDriver: toBuffer,
  fromDriver: toBytes,
})

/** Ties are broken by handle in byte order, regardless of the database's own collation (SS-16). */
const handle = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(64) collate "C"',
})

/** The column of each type of field. The `undefined` chooses the overload that keeps the name in the type. */
const columns = {
  ascii: <Name extends string, Max extends number>(name: Name, max: Max) => varchar(name, { length: max }),
  text: <Name extends string, Max extends number>(name: Name, max: Max) => varchar(name, { length: max }),
  longText: <Name extends string>(name: Name) => text(name),
  integer: <Name extends string>(name: Name) => integer(name),
  time: <Name extends string>(name: Name) => time(name, undefined),
  sealed: <Name extends string>(name: Name) => sealed(name, undefined),
  json: <Name extends string>(name: Name) => jsonb(name).$type<Json>(),
}

interface PostgresColumns extends ColumnTypes {
  readonly ascii: ReturnType<typeof columns.ascii<this['name'], this['max']>>
  readonly text: ReturnType<typeof columns.text<this['name'], this['max']>>
  readonly longText: ReturnType<typeof columns.longText<this['name']>>
  readonly integer: ReturnType<typeof columns.integer<this['name']>>
  readonly time: ReturnType<typeof columns.time<this['name']>>
  readonly sealed: ReturnType<typeof columns.sealed<this['name']>>
  readonly json: ReturnType<typeof columns.json<this['name']>>
}

/**
 * Returns the columns of a session, for your own table: spread them, add yours, relate them to your users. Times are
 * `timestamptz(3)` in the database and epoch milliseconds in TypeScript.
 */
export function sessionColumns() {
  const { max } = SESSION_FIELDS.revocation
  return {
    id: handle('id').primaryKey(),
    ...plainColumns<PostgresColumns>(columns),
    revokedAt: time('revoked_at'),
    revokeReasonCode: columns.text('revoke_reason_code', max),
    revokeActorType: columns.text('revoke_actor_type', max),
    revokeActorId: columns.text('revoke_actor_id', max),
    /** The earliest of its three ends, computed by the database: what cleanup and counting go by. */
    endsAt: time('ends_at').generatedAlwaysAs(
      sql`least(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at))`,
    ),
  }
}

/** Every column of a session; the table may have others. */
export type SessionColumns = { readonly [Name in keyof ReturnType<typeof sessionColumns>]: PgColumn }

/** The indexes of a session table called `name`: one for each way the store looks sessions up. */
export function sessionIndexes(t: SessionColumns, name = 'bff_sessions') {
  const newestFirst: [PgColumn | SQL, PgColumn] = [sql`${t.createdAt} desc`, t.id]
  return [
    index(`idx_${name}_user_id`).on(t.userId, ...newestFirst),
    index(`idx_${name}_organization_id`).on(t.organizationId, ...newestFirst),
    index(`idx_${name}_subject`).on(t.issuer, t.subject, ...newestFirst),
    index(`idx_${name}_provider_session`).on(t.issuer, t.providerSessionId, ...newestFirst),
    index(`idx_${name}_expires_at`).on(t.revokedAt, t.endsAt),
  ]
}

/** The table of sessions: put it into your drizzle schema, so that drizzle-kit writes its migration. */
export const bffSessions = pgTable('bff_sessions', sessionColumns(), (t) => sessionIndexes(t))

/** Returns the columns of a small value that expires by itself. */
export function ttlColumns() {
  return {
    key: varchar('key', { length: 64 }).primaryKey(),
    value: text('value').notNull(),
    expiresAt: time('expires_at').notNull(),
  }
}

/** Every column of a small value; the table may have others. */
export type TtlColumns = { readonly [Name in keyof ReturnType<typeof ttlColumns>]: PgColumn }

/** The indexes of a table of small values called `name`. */
export function ttlIndexes(t: TtlColumns, name = 'bff_ttl') {
  return [index(`idx_${name}_expires_at`).on(t.expiresAt)]
}

/** The table of small values that end by themselves. */
export const bffTtl = pgTable('bff_ttl', ttlColumns(), (t) => ttlIndexes(t))
