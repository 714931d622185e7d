import { type SQL, sql } from 'drizzle-orm'
import { customType, index, integer, type SQLiteColumn, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { type Json, toBuffer, toBytes } from '../shared/codecs.ts'

const sealed = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'blob',
  toDriver: toBuffer,
  fromDriver: toBytes,
})

/**
 * The columns of a session, for a table of your own: spread them, add yours, relate them to your
 * users. Times are integers: epoch milliseconds.
 */
export function sessionColumns() {
  return {
    id: text('id', { length: 64 }).primaryKey().notNull(),
    version: integer('version').notNull(),
    secretHash: text('secret_hash', { length: 64 }).notNull(),
    previousSecretHash: text('previous_secret_hash', { length: 64 }),
    previousSecretUntil: integer('previous_secret_until'),
    userId: text('user_id', { length: 255 }).notNull(),
    organizationId: text('organization_id', { length: 255 }),
    issuer: text('issuer', { length: 255 }),
    providerSessionId: text('provider_session_id', { length: 255 }),
    deviceId: text('device_id', { length: 255 }),
    clientPublicKey: text('client_public_key'),
    accessTokenEncrypted: sealed('access_token_encrypted'),
    refreshTokenEncrypted: sealed('refresh_token_encrypted'),
    idTokenEncrypted: sealed('id_token_encrypted'),
    claimsEncrypted: sealed('claims_encrypted'),
    dpopKeyPairEncrypted: sealed('dpop_key_pair_encrypted'),
    dpopThumbprint: text('dpop_thumbprint', { length: 64 }),
    accessTokenIssuedAt: integer('access_token_issued_at'),
    accessTokenExpiresAt: integer('access_token_expires_at'),
    refreshTokenExpiresAt: integer('refresh_token_expires_at'),
    metadata: text('metadata', { mode: 'json' }).$type<Json>().notNull(),
    ipAddress: text('ip_address', { length: 45 }),
    userAgent: text('user_agent', { length: 500 }),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    lastAccessedAt: integer('last_accessed_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    absoluteExpiresAt: integer('absolute_expires_at').notNull(),
    revokedAt: integer('revoked_at'),
    revokeReasonCode: text('revoke_reason_code', { length: 255 }),
    revokeActorType: text('revoke_actor_type', { length: 255 }),
    revokeActorId: text('revoke_actor_id', { length: 255 }),
    /** The earliest of its three ends, computed by the database: what cleanup and counting go by. */
    endsAt: integer('ends_at').generatedAlwaysAs(
      sql`(min(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at)))`,
      { mode: 'virtual' },
    ),
  }
}

/** Every column of a session, whatever else the table holds. */
export type SessionColumns = { readonly [Name in keyof ReturnType<typeof sessionColumns>]: SQLiteColumn }

/** The indexes of a session table called `name`: one for each way the store looks sessions up. */
export function sessionIndexes(t: SessionColumns, name = 'bff_sessions') {
  const newestFirst: [SQL, SQLiteColumn] = [sql`${t.createdAt} desc`, t.id]
  return [
    index(`idx_${name}_user_id`).on(t.userId, ...newestFirst),
    index(`idx_${name}_organization_id`).on(t.organizationId, ...newestFirst),
    index(`idx_${name}_provider_session`).on(t.issuer, t.providerSessionId, ...newestFirst),
    index(`idx_${name}_expires_at`).on(t.revokedAt, t.endsAt),
  ]
}

/** The table of sessions: put it into your drizzle schema, so that drizzle-kit writes its migration. */
export const bffSessions = sqliteTable('bff_sessions', sessionColumns(), (t) => sessionIndexes(t))

/** The columns of a small value that ends by itself. */
export function ttlColumns() {
  return {
    key: text('key', { length: 64 }).primaryKey().notNull(),
    value: text('value').notNull(),
    expiresAt: integer('expires_at').notNull(),
  }
}

/** Every column of a small value, whatever else the table holds. */
export type TtlColumns = { readonly [Name in keyof ReturnType<typeof ttlColumns>]: SQLiteColumn }

/** The indexes of a table of small values called `name`. */
export function ttlIndexes(t: TtlColumns, name = 'bff_ttl') {
  return [index(`idx_${name}_expires_at`).on(t.expiresAt)]
}

/** The table of small values that end by themselves. */
export const bffTtl = sqliteTable('bff_ttl', ttlColumns(), (t) => ttlIndexes(t))
