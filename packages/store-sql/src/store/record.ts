import type { Revocation, SessionRecord } from '@bff/core'
import { SESSION_FIELDS, type SessionField, type SessionFieldType, WIPED } from '@bff/core/store'
import type { Row, SqlValue } from '../port.ts'
import { type Codecs, type ColumnType, decoder, encode } from '../sql/codecs.ts'

/** The fields that are one column each. The handle is the column `id`, and a revocation is several columns. */
type OwnField = Exclude<SessionField, 'handle' | 'revocation'>

const OWN_FIELDS = (Object.keys(SESSION_FIELDS) as SessionField[]).filter(
  (field): field is OwnField => field !== 'handle' && field !== 'revocation',
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
    OWN_FIELDS.map((field) => [field, COLUMN_TYPES[SESSION_FIELDS[field].type] ?? 'text']),
  ) as Record<OwnField, ColumnType>),
  revokedAt: 'time',
  revokeReasonCode: 'text',
  revokeActorType: 'text',
  revokeActorId: 'text',
}

export const ROW_FIELDS = Object.keys(ROW_TYPES) as readonly RowField[]

/** The sealed fields, in the order in which their bytes are joined. */
export const SEALED_FIELDS = ROW_FIELDS.filter((field) => ROW_TYPES[field] === 'sealed')

/** All others, in the order in which statements ask for them. */
export const PLAIN_FIELDS = ROW_FIELDS.filter((field) => ROW_TYPES[field] !== 'sealed')

export function toRow(record: SessionRecord): SessionRow {
  return { ...ownFields(record), id: record.handle, ...revocationColumns(record.revocation) }
}

export const encodeField = (codecs: Codecs, field: RowField, value: unknown): SqlValue =>
  encode(codecs, ROW_TYPES[field], value)

/** Where each field is among {@link PLAIN_FIELDS}. */
const AT = Object.fromEntries(PLAIN_FIELDS.map((field, at) => [field, at])) as Record<RowField, number>

/**
 * Makes the function that reads a session: a JSON array of {@link PLAIN_FIELDS} and of an array with the lengths of
 * {@link SEALED_FIELDS}, and the bytes of the latter.
 */
export function recordReader(codecs: Codecs): (row: Row) => SessionRecord {
  const [time, bytes, json] = [decoder(codecs, 'time'), decoder(codecs, 'sealed'), decoder(codecs, 'json')]
  // Field by field: members that a loop adds cost five times as much, for each read. The compiler misses a field that is not here.
  return ([plain, joined]) => {
    const values = json(plain) as unknown[]
    const sealed = new SealedFields(bytes(joined) as Uint8Array, values[PLAIN_FIELDS.length] as Lengths)
    const record = {
      handle: values[AT.id],
      version: values[AT.version],
      secretHash: values[AT.secretHash],
      previousSecretHash: values[AT.previousSecretHash],
      previousSecretUntil: time(values[AT.previousSecretUntil]),
      userId: values[AT.userId],
      organizationId: values[AT.organizationId],
      issuer: values[AT.issuer],
      subject: values[AT.subject],
      provider: values[AT.provider],
      providerSessionId: values[AT.providerSessionId],
      deviceId: values[AT.deviceId],
      clientPublicKey: values[AT.clientPublicKey],
      deviceKey: values[AT.deviceKey],
      accessTokenEncrypted: sealed.next(),
      refreshTokenEncrypted: sealed.next(),
      idTokenEncrypted: sealed.next(),
      claimsEncrypted: sealed.next(),
      dpopKeyPairEncrypted: sealed.next(),
      dpopThumbprint: values[AT.dpopThumbprint],
      accessTokenIssuedAt: time(values[AT.accessTokenIssuedAt]),
      accessTokenExpiresAt: time(values[AT.accessTokenExpiresAt]),
      refreshTokenExpiresAt: time(values[AT.refreshTokenExpiresAt]),
      metadata: json(values[AT.metadata]),
      ipAddress: values[AT.ipAddress],
      userAgent: values[AT.userAgent],
      createdAt: time(values[AT.createdAt]),
      updatedAt: time(values[AT.updatedAt]),
      lastAccessedAt: time(values[AT.lastAccessedAt]),
      expiresAt: time(values[AT.expiresAt]),
      absoluteExpiresAt: time(values[AT.absoluteExpiresAt]),
      revocation: values[AT.revokedAt] === null ? null : readRevocation(values, time),
    } satisfies Record<SessionField, unknown>
    return record as unknown as SessionRecord
  }
}

type Lengths = readonly (number | null)[]

/** Cuts the sealed fields, in the order of {@link SEALED_FIELDS}, out of their joined bytes. */
class SealedFields {
  readonly #bytes: Uint8Array
  readonly #lengths: Lengths
  #field = 0
  #offset: number

  constructor(bytes: Uint8Array, lengths: Lengths) {
    this.#bytes = bytes
    this.#lengths = lengths
    this.#offset = bytes.byteOffset
  }

  /** Plain bytes: a Buffer's `slice` and `toJSON` differ from those of a Uint8Array. */
  next(): Uint8Array | null {
    const length = this.#lengths[this.#field++] ?? null
    if (length === null) return null
    const bytes = new Uint8Array(this.#bytes.buffer, this.#offset, length)
    this.#offset += length
    return bytes
  }
}

export function revocationChange(revocation: Revocation): RevocationChange {
  return { ...WIPED, ...revocationColumns(revocation) }
}

function ownFields(from: Pick<SessionRecord, OwnField>): Pick<SessionRecord, OwnField> {
  const own: Partial<Record<OwnField, unknown>> = {}
  for (const name of OWN_FIELDS) own[name] = from[name]
  return own as Pick<SessionRecord, OwnField>
}

function revocationColumns(revocation: Revocation | null): RevocationColumns {
  return {
    revokedAt: revocation?.at ?? null,
    revokeReasonCode: revocation?.reasonCode ?? null,
    revokeActorType: revocation?.actorType ?? null,
    revokeActorId: revocation?.actorId ?? null,
  }
}

function readRevocation(values: readonly unknown[], time: (value: unknown) => unknown): Revocation {
  return {
    at: time(values[AT.revokedAt]),
    reasonCode: values[AT.revokeReasonCode] ?? '',
    actorType: values[AT.revokeActorType] ?? '',
    actorId: values[AT.revokeActorId],
  } as Revocation
}
