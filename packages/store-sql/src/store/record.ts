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

/** Makes the function that reads a row of {@link ROW_FIELDS}, as the driver returns it. */
export function recordReader(codecs: Codecs): (row: Row) => SessionRecord {
  const plain = PLAIN_FIELDS.map((name) => ({ name, read: decoder(codecs, ROW_TYPES[name]) }))
  const readTime = decoder(codecs, 'time')
  return (row) => {
    const record: Record<string, unknown> = { handle: row[0] }
    let at = 1
    for (const { name, read } of plain) record[name] = read(row[at++])
    record['revocation'] = row[at] === null ? null : readRevocation(readTime(row[at]), row.slice(at + 1))
    return record as Record<string, unknown> & SessionRecord
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

function readRevocation(at: unknown, [reasonCode, actorType, actorId]: Row): Revocation {
  return { at, reasonCode: reasonCode ?? '', actorType: actorType ?? '', actorId } as Revocation
}
