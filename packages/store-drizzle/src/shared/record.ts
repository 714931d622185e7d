import type { Revocation, SessionHandle, SessionRecord } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { PLAIN_FIELDS, type PlainField } from './columns.ts'

export interface RevocationColumns {
  readonly revokedAt: number | null
  readonly revokeReasonCode: string | null
  readonly revokeActorType: string | null
  readonly revokeActorId: string | null
}

/** A session as a row: a record with its revocation in separate columns. */
export interface SessionRow extends Omit<SessionRecord, 'handle' | 'revocation'>, RevocationColumns {
  readonly id: string
}

/** What a revocation writes, besides the version. */
export type RevocationChange = typeof WIPED & RevocationColumns

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

/** Returns the record of a row, without the columns that the app added to the table. */
export function toRecord(row: SessionRow): SessionRecord {
  return { ...plainFields(row), handle: row.id as SessionHandle, revocation: readRevocation(row) }
}

export function revocationChange(revocation: Revocation): RevocationChange {
  return { ...WIPED, ...revocationColumns(revocation) }
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
