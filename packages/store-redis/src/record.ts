import type { SessionHandle, SessionRecord } from '@bff/core'

/** A session's hash as Redis returns it. */
export type Fields = Readonly<Record<string, Buffer>>

interface Codec {
  encode(value: never): string | Buffer
  decode(bytes: Buffer): unknown
}

const text: Codec = { encode: (value: string) => value, decode: (bytes) => bytes.toString() }
const number: Codec = { encode: (value: number) => String(value), decode: (bytes) => readNumber(bytes) }
const json: Codec = {
  encode: (value: object) => JSON.stringify(value),
  decode: (bytes) => JSON.parse(bytes.toString()),
}
const bytes: Codec = {
  encode: (value: Uint8Array) => Buffer.from(value),
  decode: (found) => new Uint8Array(found),
}

type Stored = Exclude<keyof SessionRecord, 'handle'>

/**
 * Each member's name in the hash, and how it is written; `null` is an absent field. Fields of a newer version are
 * left alone, so that two versions run side by side (STO-19). The scripts know `v`, `l`, `e`, `x`, `re`, `r`, the
 * owners and the sealed fields by name. Besides these there are `q`, when the user's index took it in, and `w`.
 */
const FIELDS: Readonly<Record<Stored, readonly [name: string, codec: Codec, need?: 'required']>> = {
  version: ['v', number, 'required'],
  secretHash: ['h', text, 'required'],
  previousSecretHash: ['ph', text],
  previousSecretUntil: ['pu', number],
  userId: ['u', text, 'required'],
  organizationId: ['o', text],
  issuer: ['i', text],
  providerSessionId: ['s', text],
  deviceId: ['d', text],
  clientPublicKey: ['pk', text],
  accessTokenEncrypted: ['at', bytes],
  refreshTokenEncrypted: ['rt', bytes],
  idTokenEncrypted: ['it', bytes],
  claimsEncrypted: ['cl', bytes],
  dpopKeyPairEncrypted: ['dk', bytes],
  dpopThumbprint: ['dt', text],
  accessTokenIssuedAt: ['ai', number],
  accessTokenExpiresAt: ['ae', number],
  refreshTokenExpiresAt: ['re', number],
  metadata: ['m', json, 'required'],
  ipAddress: ['ip', text],
  userAgent: ['ua', text],
  createdAt: ['c', number, 'required'],
  updatedAt: ['up', number, 'required'],
  lastAccessedAt: ['l', number, 'required'],
  expiresAt: ['e', number, 'required'],
  absoluteExpiresAt: ['x', number, 'required'],
  revocation: ['r', json],
}

/** Whether it waits until others have made room for it, and is no session before that (SS-22). */
export function isWaiting(fields: Fields): boolean {
  return fields['w'] !== undefined
}

/** What to write and what to remove for these members; unknown ones are ignored. */
export function encodeFields(members: Partial<SessionRecord>): { set: (string | Buffer)[]; clear: string[] } {
  const set: (string | Buffer)[] = []
  const clear: string[] = []
  for (const [member, value] of Object.entries(members)) {
    const field = member in FIELDS ? FIELDS[member as Stored] : undefined
    if (field === undefined || value === undefined) continue
    const [name, codec] = field
    if (value === null) clear.push(name)
    else set.push(name, codec.encode(value as never))
  }
  return { set, clear }
}

/** The record, or `null` when what is stored is none: fields are missing or malformed. */
export function decodeRecord(handle: SessionHandle, fields: Fields): SessionRecord | null {
  const record: Record<string, unknown> = { handle }
  try {
    for (const [member, [name, codec, need]] of Object.entries(FIELDS)) {
      const found = fields[name]
      if (found === undefined && need === 'required') return null
      record[member] = found === undefined ? null : codec.decode(found)
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

function readNumber(bytes: Buffer): number {
  const value = Number(bytes.toString())
  if (!Number.isFinite(value)) throw new RangeError('not a number')
  return value
}
