import { type SQL, sql } from 'drizzle-orm'
import {
  bigint,
  customType,
  index,
  int,
  type MySqlColumn,
  mysqlTable,
  text,
  varchar,
} from 'drizzle-orm/mysql-core'
import { type Json, toBuffer, toBytes } from '../shared/codecs.ts'

/** Epoch milliseconds as a number: no session time zone can shift it. */
const time = (name: string) => bigint(name, { mode: 'number' })

const sealed = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'mediumblob',
  toDriver: toBuffer,
  fromDriver: toBytes,
})

/** Read back as text by MariaDB, as an object by MySQL. */
const json = customType<{ data: Json; driverData: string | Json }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => (typeof value === 'string' ? JSON.parse(value) : value),
})

const handle = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(64) character set ascii collate ascii_bin',
})

/** An id from outside: told apart by case and accent, any character allowed. */
const exact = customType<{ data: string; driverData: string; config: { length: number } }>({
  dataType: (config) => `varchar(${config?.length ?? 255}) character set utf8mb4 collate utf8mb4_bin`,
})
const id = (name: string) => exact(name, { length: 255 })

const longText = customType<{ data: string; driverData: string }>({
  dataType: () => 'mediumtext character set utf8mb4 collate utf8mb4_bin',
})

/**
 * The columns of a session, for a table of your own: spread them, add yours, relate them to your
 * users. Times are `bigint`: epoch milliseconds.
 */
export function sessionColumns() {
  return {
    id: handle('id').primaryKey(),
    version: int('version').notNull(),
    secretHash: varchar('secret_hash', { length: 64 }).notNull(),
    previousSecretHash: varchar('previous_secret_hash', { length: 64 }),
    previousSecretUntil: time('previous_secret_until'),
    userId: id('user_id').notNull(),
    organizationId: id('organization_id'),
    issuer: id('issuer'),
    providerSessionId: id('provider_session_id'),
    deviceId: id('device_id'),
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
    metadata: json('metadata').notNull(),
    ipAddress: varchar('ip_address', { length: 45 }),
    userAgent: exact('user_agent', { length: 500 }),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    lastAccessedAt: time('last_accessed_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    absoluteExpiresAt: time('absolute_expires_at').notNull(),
    revokedAt: time('revoked_at'),
    revokeReasonCode: id('revoke_reason_code'),
    revokeActorType: id('revoke_actor_type'),
    revokeActorId: id('revoke_actor_id'),
    /** The earliest of its three ends, computed by the database: what cleanup and counting go by. */
    endsAt: time('ends_at').generatedAlwaysAs(
      sql`(least(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at)))`,
      { mode: 'virtual' },
    ),
  }
}

/** Every column of a session, whatever else the table holds. */
export type SessionColumns = { readonly [Name in keyof ReturnType<typeof sessionColumns>]: MySqlColumn }

/** The indexes of a session table called `name`: one for each way the store looks sessions up. */
export function sessionIndexes(t: SessionColumns, name = 'bff_sessions') {
  const newestFirst: [SQL, MySqlColumn] = [sql`${t.createdAt} desc`, t.id]
  return [
    index(`idx_${name}_user_id`).on(t.userId, ...newestFirst),
    index(`idx_${name}_organization_id`).on(t.organizationId, ...newestFirst),
    index(`idx_${name}_provider_session`).on(t.issuer, t.providerSessionId, ...newestFirst),
    index(`idx_${name}_expires_at`).on(t.revokedAt, t.endsAt),
  ]
}

/** The table of sessions: put it into your drizzle schema, so that drizzle-kit writes its migration. */
export const bffSessions = mysqlTable('bff_sessions', sessionColumns(), (t) => sessionIndexes(t))

/** The columns of a small value that ends by itself. */
export function ttlColumns() {
  return {
    key: handle('key').primaryKey(),
    value: longText('value').notNull(),
    expiresAt: time('expires_at').notNull(),
  }
}

/** Every column of a small value, whatever else the table holds. */
export type TtlColumns = { readonly [Name in keyof ReturnType<typeof ttlColumns>]: MySqlColumn }

/** The indexes of a table of small values called `name`. */
export function ttlIndexes(t: TtlColumns, name = 'bff_ttl') {
  return [index(`idx_${name}_expires_at`).on(t.expiresAt)]
}

/** The table of small values that end by themselves; some of its rows are what `maxPerUser` locks by. */
export const bffTtl = mysqlTable('bff_ttl', ttlColumns(), (t) => ttlIndexes(t))
