import type { Revocation, SessionRecord } from '@bff/core'
import { SESSION_FIELDS, type SessionField, type SessionFieldType, WIPED } from '@bff/core/store'
import type { Row, SqlValue } from '../port.ts'
import { type Codecs, type ColumnType, decoder, encode } from '../sql/codecs.ts'

/** The fields that are one column each. The handle is the column `id`, and a revocation is several columns. */
type PlainField = Exclude<SessionField, 'handle' | 'revocation'>

const PLAIN_FIELDS = (Object.keys(SESSION_FIELDS) as SessionField[]).filter(
  (field): field is PlainField => field !== 'handle' && field !== 'revocation',
)

interface RevocationColumns {
  readonly revokedAt: number | null
  readonly revokeReasonCode: string | null
  readonly revokeActorType: string | null
  readonly revokeActorId: string | null
}

/** A session as a row: a record with its revocation in separate columns. */
export interface SessionRow extends Omit<SessionRecord, 'handle' | 'revocation'>, RevocationColumns {
  readonly id: string
}

export type RowField = keyof SessionRow

/** What a revocation writes, besides the version. */
export type RevocationChange = typeof WIPED & RevocationColumns

const COLUMN_TYPES: Readonly<Partial<Record<SessionFieldType, ColumnType>>> = {
  integer: 'integer',
  time: 'time',
  sealed: 'sealed',
  json: 'json',
}

/** Every column that the store writes, and its type. */
export const ROW_TYPES: Readonly<Record<RowField, ColumnType>> = {
  id: 'text',
  ...(Object.fromEntries(
    PLAIN_FIELDS.map((field) => [field, COLUMN_TYPES[SESSION_FIELDS[field].type] ?? 'text']),
  ) as Record<PlainField, ColumnType>),
  revokedAt: 'time',
  revokeReasonCode: 'text',
  revokeActorType: 'text',
  revokeActorId: 'text',
}

/** In the order in which statements ask for them. */
export const ROW_FIELDS = Object.keys(ROW_TYPES) as readonly RowField[]

export function toRow(record: SessionRecord): SessionRow {
  return { ...plainFields(record), id: record.handle, ...revocationColumns(record.revocation) }
}

export const encodeField = (codecs: Codecs, field: RowField, value: unknown): SqlValue =>
  encode(codecs, ROW_TYPES[field], value)

/** Where each field is in a row of {@link ROW_FIELDS}. */
const AT = Object.fromEntries(ROW_FIELDS.map((field, at) => [field, at])) as Record<RowField, number>

/** Makes the function that reads a row of {@link ROW_FIELDS}, as the driver returns it. */
export function recordReader(codecs: Codecs): (row: Row) => SessionRecord {
  const [integer, time, sealed, json] = [
    decoder(codecs, 'integer'),
    decoder(codecs, 'time'),
    decoder(codecs, 'sealed'),
    decoder(codecs, 'json'),
  ]
  // Field by field: members that a loop adds cost five times as much, for each read. The compiler misses a field that is not here.
  return (row) => {
    const record = {
      handle: row[AT.id],
      version: integer(row[AT.version]),
      secretHash: row[AT.secretHash],
      previousSecretHash: row[AT.previousSecretHash],
      previousSecretUntil: time(row[AT.previousSecretUntil]),
      userId: row[AT.userId],
      organizationId: row[AT.organizationId],
      issuer: row[AT.issuer],
      subject: row[AT.subject],
      provider: row[AT.provider],
      providerSessionId: row[AT.providerSessionId],
      deviceId: row[AT.deviceId],
      clientPublicKey: row[AT.clientPublicKey],
      deviceKey: row[AT.deviceKey],
      accessTokenEncrypted: sealed(row[AT.accessTokenEncrypted]),
      refreshTokenEncrypted: sealed(row[AT.refreshTokenEncrypted]),
      idTokenEncrypted: sealed(row[AT.idTokenEncrypted]),
      claimsEncrypted: sealed(row[AT.claimsEncrypted]),
      dpopKeyPairEncrypted: sealed(row[AT.dpopKeyPairEncrypted]),
      dpopThumbprint: row[AT.dpopThumbprint],
      accessTokenIssuedAt: time(row[AT.accessTokenIssuedAt]),
      accessTokenExpiresAt: time(row[AT.accessTokenExpiresAt]),
      refreshTokenExpiresAt: time(row[AT.refreshTokenExpiresAt]),
      metadata: json(row[AT.metadata]),
      ipAddress: row[AT.ipAddress],
      userAgent: row[AT.userAgent],
      createdAt: time(row[AT.createdAt]),
      updatedAt: time(row[AT.updatedAt]),
      lastAccessedAt: time(row[AT.lastAccessedAt]),
      expiresAt: time(row[AT.expiresAt]),
      absoluteExpiresAt: time(row[AT.absoluteExpiresAt]),
      revocation: row[AT.revokedAt] === null ? null : readRevocation(row, time),
    } satisfies Record<SessionField, unknown>
    return record as unknown as SessionRecord
  }
}

export function revocationChange(revocation: Revocation): RevocationChange {
  return { ...WIPED, ...revocationColumns(revocation) }
}

function plainFields(from: Pick<SessionRecord, PlainField>): Pick<SessionRecord, PlainField> {
  const plain: Partial<Record<PlainField, unknown>> = {}
  for (const name of PLAIN_FIELDS) plain[name] = from[name]
  return plain as Pick<SessionRecord, PlainField>
}

function revocationColumns(revocation: Revocation | null): RevocationColumns {
  return {
    revokedAt: revocation?.at ?? null,
    revokeReasonCode: revocation?.reasonCode ?? null,
    revokeActorType: revocation?.actorType ?? null,
    revokeActorId: revocation?.actorId ?? null,
  }
}

function readRevocation(row: Row, time: (value: unknown) => unknown): Revocation {
  return {
    at: time(row[AT.revokedAt]),
    reasonCode: row[AT.revokeReasonCode] ?? '',
    actorType: row[AT.revokeActorType] ?? '',
    actorId: row[AT.revokeActorId],
  } as Revocation
}
