import { type SQL, sql } from 'drizzle-orm'
import { customType, index, integer, jsonb, type PgColumn, pgTable, text, varchar } from 'drizzle-orm/pg-core'
import { type Json, toBuffer, toBytes } from '../shared/codecs.ts'

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

/** Ties are broken by handle in byte order, whatever the database's own collation is (SS-16). */
const handle = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(64) collate "C"',
})

/**
 * The columns of a session, for a table of your own: spread them, add yours, relate them to your
 * users. Times are `timestamptz(3)` in the database and epoch milliseconds in TypeScript.
 */
export function sessionColumns() {
  return {
    id: handle('id').primaryKey(),
    version: integer('version').notNull(),
    secretHash: varchar('secret_hash', { length: 64 }).notNull(),
    previousSecretHash: varchar('previous_secret_hash', { length: 64 }),
    previousSecretUntil: time('previous_secret_until'),
    userId: varchar('user_id', { length: 255 }).notNull(),
    organizationId: varchar('organization_id', { length: 255 }),
    issuer: varchar('issuer', { length: 255 }),
    providerSessionId: varchar('provider_session_id', { length: 255 }),
    deviceId: varchar('device_id', { length: 255 }),
    clientPublicKey: text('client_public_key'),
    accessTokenEncrypted: sealed('access_token_encrypted'),
    refreshTokenEncrypted: sealed('refresh_token_encrypted'),
    idTokenEncrypted: sealed('id_token_encrypted'),
    claimsEncrypted: sealed('claims_encrypted'),
    dpopKeyPairEncrypted: sealed('dpop_key_pair_encrypted'),
    dpopThumbprint: varchar('dpop_thumbprint', { length: 64 }),
    accessTokenIssuedAt: time('access_token_issued_at'),
    accessTokenExpiresAt: time('access_token_expires_at'),
    refreshTokenExpiresAt: time('refresh_token_expires_at'),
    metadata: jsonb('metadata').$type<Json>().notNull(),
    ipAddress: varchar('ip_address', { length: 45 }),
    userAgent: varchar('user_agent', { length: 500 }),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    lastAccessedAt: time('last_accessed_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    absoluteExpiresAt: time('absolute_expires_at').notNull(),
    revokedAt: time('revoked_at'),
    revokeReasonCode: varchar('revoke_reason_code', { length: 255 }),
    revokeActorType: varchar('revoke_actor_type', { length: 255 }),
    revokeActorId: varchar('revoke_actor_id', { length: 255 }),
    /** The earliest of its three ends, computed by the database: what cleanup and counting go by. */
    endsAt: time('ends_at').generatedAlwaysAs(
      sql`least(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at))`,
    ),
  }
}

/** Every column of a session, whatever else the table holds. */
export type SessionColumns = { readonly [Name in keyof ReturnType<typeof sessionColumns>]: PgColumn }

/** The indexes of a session table called `name`: one for each way the store looks sessions up. */
export function sessionIndexes(t: SessionColumns, name = 'bff_sessions') {
  const newestFirst: [PgColumn | SQL, PgColumn] = [sql`${t.createdAt} desc`, t.id]
  return [
    index(`idx_${name}_user_id`).on(t.userId, ...newestFirst),
    index(`idx_${name}_organization_id`).on(t.organizationId, ...newestFirst),
    index(`idx_${name}_provider_session`).on(t.issuer, t.providerSessionId, ...newestFirst),
    index(`idx_${name}_expires_at`).on(t.revokedAt, t.endsAt),
  ]
}

/** The table of sessions: put it into your drizzle schema, so that drizzle-kit writes its migration. */
export const bffSessions = pgTable('bff_sessions', sessionColumns(), (t) => sessionIndexes(t))

/** The columns of a small value that ends by itself. */
export function ttlColumns() {
  return {
    key: varchar('key', { length: 64 }).primaryKey(),
    value: text('value').notNull(),
    expiresAt: time('expires_at').notNull(),
  }
}

/** Every column of a small value, whatever else the table holds. */
export type TtlColumns = { readonly [Name in keyof ReturnType<typeof ttlColumns>]: PgColumn }

/** The indexes of a table of small values called `name`. */
export function ttlIndexes(t: TtlColumns, name = 'bff_ttl') {
  return [index(`idx_${name}_expires_at`).on(t.expiresAt)]
}

/** The table of small values that end by themselves. */
export const bffTtl = pgTable('bff_ttl', ttlColumns(), (t) => ttlIndexes(t))
