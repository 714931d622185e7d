import { SESSION_FIELDS } from '@bff/core/store'
import { type SQL, sql } from 'drizzle-orm'
import { customType, index, integer, type SQLiteColumn, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { type Json, toBuffer, toBytes } from '../shared/codecs.ts'
import { type ColumnTypes, plainColumns } from '../shared/columns.ts'

const sealed = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'blob',
  toDriver: toBuffer,
  fromDriver: toBytes,
})

/** The column of each type of field. The `undefined` chooses the overload that keeps the name in the type. */
const columns = {
  ascii: <Name extends string, Max extends number>(name: Name, max: Max) => text(name, { length: max }),
  text: <Name extends string, Max extends number>(name: Name, max: Max) => text(name, { length: max }),
  longText: <Name extends string>(name: Name) => text(name),
  integer: <Name extends string>(name: Name) => integer(name),
  time: <Name extends string>(name: Name) => integer(name),
  sealed: <Name extends string>(name: Name) => sealed(name, undefined),
  json: <Name extends string>(name: Name) => text(name, { mode: 'json' }).$type<Json>(),
}

interface SqliteColumns extends ColumnTypes {
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
 * integers: epoch milliseconds.
 */
export function sessionColumns() {
  const { max } = SESSION_FIELDS.revocation
  return {
    id: text('id', { length: 64 }).primaryKey().notNull(),
    ...plainColumns<SqliteColumns>(columns),
    revokedAt: integer('revoked_at'),
    revokeReasonCode: columns.text('revoke_reason_code', max),
    revokeActorType: columns.text('revoke_actor_type', max),
    revokeActorId: columns.text('revoke_actor_id', max),
    /** The earliest of its three ends, computed by the database: what cleanup and counting go by. */
    endsAt: integer('ends_at').generatedAlwaysAs(
      sql`(min(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at)))`,
      { mode: 'virtual' },
    ),
  }
}

/** Every column of a session; the table may have others. */
export type SessionColumns = { readonly [Name in keyof ReturnType<typeof sessionColumns>]: SQLiteColumn }

/** The indexes of a session table called `name`: one for each way the store looks sessions up. */
export function sessionIndexes(t: SessionColumns, name = 'bff_sessions') {
  const newestFirst: [SQL, SQLiteColumn] = [sql`${t.createdAt} desc`, t.id]
  return [
    index(`idx_${name}_user_id`).on(t.userId, ...newestFirst),
    index(`idx_${name}_organization_id`).on(t.organizationId, ...newestFirst),
    index(`idx_${name}_subject`).on(t.issuer, t.subject, ...newestFirst),
    index(`idx_${name}_provider_session`).on(t.issuer, t.providerSessionId, ...newestFirst),
    index(`idx_${name}_expires_at`).on(t.revokedAt, t.endsAt),
  ]
}

/** The table of sessions: put it into your drizzle schema, so that drizzle-kit writes its migration. */
export const bffSessions = sqliteTable('bff_sessions', sessionColumns(), (t) => sessionIndexes(t))

/** Returns the columns of a small value that expires by itself. */
export function ttlColumns() {
  return {
    key: text('key', { length: 64 }).primaryKey().notNull(),
    value: text('value').notNull(),
    expiresAt: integer('expires_at').notNull(),
  }
}

/** Every column of a small value; the table may have others. */
export type TtlColumns = { readonly [Name in keyof ReturnType<typeof ttlColumns>]: SQLiteColumn }

/** The indexes of a table of small values called `name`. */
export function ttlIndexes(t: TtlColumns, name = 'bff_ttl') {
  return [index(`idx_${name}_expires_at`).on(t.expiresAt)]
}

/** The table of small values that end by themselves. */
export const bffTtl = sqliteTable('bff_ttl', ttlColumns(), (t) => ttlIndexes(t))
