import type { Revocation, SessionHandle, SessionPatch, SessionRecord } from '@bff/core'
import { WIPED } from '@bff/core/store'

export interface RevocationColumns {
  readonly revokedAt: number | null
  readonly revokeReasonCode: string | null
  readonly revokeActorType: string | null
  readonly revokeActorId: string | null
}

/** A session as the table holds it: a record with its revocation spread over columns. */
export interface SessionRow extends Omit<SessionRecord, 'handle' | 'revocation'>, RevocationColumns {
  readonly id: string
}

/** What a revocation writes, besides the version. */
export type RevocationChange = typeof WIPED & RevocationColumns

type PlainField = Exclude<keyof SessionRecord, 'handle' | 'revocation'>

/** The fields that are the same in record and row. */
const PLAIN: Readonly<Record<PlainField, true>> = {
  version: true,
  secretHash: true,
  previousSecretHash: true,
  previousSecretUntil: true,
  userId: true,
  organizationId: true,
  issuer: true,
  providerSessionId: true,
  deviceId: true,
  clientPublicKey: true,
  accessTokenEncrypted: true,
  refreshTokenEncrypted: true,
  idTokenEncrypted: true,
  claimsEncrypted: true,
  dpopKeyPairEncrypted: true,
  dpopThumbprint: true,
  accessTokenIssuedAt: true,
  accessTokenExpiresAt: true,
  refreshTokenExpiresAt: true,
  metadata: true,
  ipAddress: true,
  userAgent: true,
  createdAt: true,
  updatedAt: true,
  lastAccessedAt: true,
  expiresAt: true,
  absoluteExpiresAt: true,
}
const PLAIN_FIELDS = Object.keys(PLAIN) as readonly PlainField[]

/** Every column the store writes, by the name it has in TypeScript. */
export const ROW_FIELDS: readonly (keyof SessionRow)[] = [
  'id',
  ...PLAIN_FIELDS,
  'revokedAt',
  'revokeReasonCode',
  'revokeActorType',
  'revokeActorId',
]

export function toRow(record: SessionRecord): SessionRow {
  return { ...plainFields(record), id: record.handle, ...revocationColumns(record.revocation) }
}

/** The record in a row, without what the app added to the table. */
export function toRecord(row: SessionRow): SessionRecord {
  return { ...plainFields(row), handle: row.id as SessionHandle, revocation: readRevocation(row) }
}

export function revocationChange(revocation: Revocation): RevocationChange {
  return { ...WIPED, ...revocationColumns(revocation) }
}

/** A patch without keys that are there but undefined: those, too, leave the field alone (SS-07). */
export function givenFields(patch: SessionPatch): SessionPatch {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(given), updatedAt: patch.updatedAt }
}

function plainFields(from: Pick<SessionRecord, PlainField>): Pick<SessionRecord, PlainField> {
  return Object.fromEntries(PLAIN_FIELDS.map((name) => [name, from[name]])) as Pick<SessionRecord, PlainField>
}

function revocationColumns(revocation: Revocation | null): RevocationColumns {
  return {
    revokedAt: revocation?.at ?? null,
    revokeReasonCode: revocation?.reasonCode ?? null,
    revokeActorType: revocation?.actorType ?? null,
    revokeActorId: revocation?.actorId ?? null,
  }
}

function readRevocation(row: RevocationColumns): Revocation | null {
  if (row.revokedAt === null) return null
  return {
    at: row.revokedAt,
    reasonCode: row.revokeReasonCode ?? '',
    actorType: row.revokeActorType ?? '',
    actorId: row.revokeActorId,
  }
}
