import type { SessionHandle, SessionRecord } from '@bff/core'
import { SEALED_FIELDS, SESSION_FIELDS, type SessionFieldFacts, type SessionFieldType } from '@bff/core/store'

/** A session's hash as Redis returns it. */
export type Fields = Readonly<Record<string, Buffer>>

type Stored = Exclude<keyof SessionRecord, 'handle'>
type Value = NonNullable<SessionRecord[Stored]>

/**
 * Names in the hash that are shorter than the member's own. They stay for ever. The scripts know `v`, `l`, `e`, `x`,
 * `re`, `r` and the owners by name. Besides these there are `q`, when the user's index took it in, and `w`.
 */
const SHORT: Partial<Readonly<Record<Stored, string>>> = {
  version: 'v',
  secretHash: 'h',
  previousSecretHash: 'ph',
  previousSecretUntil: 'pu',
  userId: 'u',
  organizationId: 'o',
  issuer: 'i',
  providerSessionId: 's',
  deviceId: 'd',
  clientPublicKey: 'pk',
  accessTokenEncrypted: 'at',
  refreshTokenEncrypted: 'rt',
  idTokenEncrypted: 'it',
  claimsEncrypted: 'cl',
  dpopKeyPairEncrypted: 'dk',
  dpopThumbprint: 'dt',
  accessTokenIssuedAt: 'ai',
  accessTokenExpiresAt: 'ae',
  refreshTokenExpiresAt: 're',
  metadata: 'm',
  ipAddress: 'ip',
  userAgent: 'ua',
  createdAt: 'c',
  updatedAt: 'up',
  lastAccessedAt: 'l',
  expiresAt: 'e',
  absoluteExpiresAt: 'x',
  revocation: 'r',
}

const nameOf = (member: Stored) => SHORT[member] ?? member

const text = (bytes: Buffer): string => bytes.toString()
const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

/** How a member is read back, by its type. */
const DECODERS: Readonly<Record<SessionFieldType, (bytes: Buffer) => unknown>> = {
  handle: text,
  ascii: text,
  text,
  longText: text,
  integer: readNumber,
  time: readNumber,
  sealed: (bytes) => new Uint8Array(bytes),
  json,
  revocation: json,
}

interface Layout {
  readonly member: Stored
  readonly name: string
  readonly decode: (bytes: Buffer) => unknown
  readonly isRequired: boolean
}

/**
 * Each member's place in the hash; `null` is an absent field. Fields of a newer version are left alone, so that two
 * versions run side by side (STO-19).
 */
const LAYOUT: readonly Layout[] = (Object.keys(SESSION_FIELDS) as (keyof SessionRecord)[])
  .filter((member) => member !== 'handle')
  .map((member) => {
    const { type, nullable }: SessionFieldFacts = SESSION_FIELDS[member]
    return { member, name: nameOf(member), decode: DECODERS[type], isRequired: nullable !== true }
  })

const NAMES = new Map<string, string>(LAYOUT.map(({ member, name }) => [member, name]))

/** The names of the sealed members. */
export const SEALED_NAMES = SEALED_FIELDS.map(nameOf)

/** Whether it waits for the eviction of others, and is not a session before that (SS-22). */
export function isWaiting(fields: Fields): boolean {
  return fields['w'] !== undefined
}

/** What to write and what to remove for these members; unknown ones are ignored. */
export function encodeFields(members: Partial<SessionRecord>): { set: (string | Buffer)[]; clear: string[] } {
  const set: (string | Buffer)[] = []
  const clear: string[] = []
  for (const [member, value] of Object.entries(members)) {
    const name = NAMES.get(member)
    if (name === undefined || value === undefined) continue
    if (value === null) clear.push(name)
    else set.push(name, encode(value))
  }
  return { set, clear }
}

/** Returns the record, or `null` when fields are missing or malformed. */
export function decodeRecord(handle: SessionHandle, fields: Fields): SessionRecord | null {
  const record: Record<string, unknown> = { handle }
  try {
    for (const { member, name, decode, isRequired } of LAYOUT) {
      const found = fields[name]
      if (found === undefined && isRequired) return null
      record[member] = found === undefined ? null : decode(found)
    }
  } catch {
    return null
  }
  return record as SessionRecord & typeof record
}

/** The hash from a script's flat list of names and values. */
export function fieldsOf(flat: readonly Buffer[]): Fields {
  const fields: Record<string, Buffer> = {}
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [name, value] = [flat[index], flat[index + 1]]
    if (name !== undefined && value !== undefined) fields[name.toString()] = value
  }
  return fields
}

function encode(value: Value): string | Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function readNumber(bytes: Buffer): number {
  const value = Number(bytes.toString())
  if (!Number.isFinite(value)) throw new RangeError('not a number')
  return value
}
