import { BffError, type SessionHandle, type SessionRecord } from '@bff/core'
import { ABSENT, SESSION_FIELDS, type SessionFieldFacts, type SessionFieldType } from '@bff/core/store'
import type { Connection } from './connection.ts'
import type { Owners } from './keys.ts'
import type { Link } from './link.ts'
import { type Admission, encodeSession } from './record.ts'
import { REWRITE } from './scripts.ts'

/** A session's hash as Redis returns it. */
type Fields = Readonly<Record<string, Buffer>>

type Stored = Exclude<keyof SessionRecord, 'handle'>

/** Versions before the one string kept a session as a hash of these fields, an absent one for `null`. */
export const EARLIER_NAMES = {
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
} as const satisfies Partial<Readonly<Record<Stored, string>>>

/** When the user's index took it in, and whether it waits for the eviction of others. */
const ADMITTED = 'q'
const WAITING = 'w'

/** What tells whether a session has changed, in the order of the script. */
const COMPARED = [
  EARLIER_NAMES.version,
  EARLIER_NAMES.revocation,
  EARLIER_NAMES.lastAccessedAt,
  EARLIER_NAMES.expiresAt,
  WAITING,
] as const

const text = (bytes: Buffer): string => bytes.toString()
const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

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

/** Whether a command met a key of another type: the session is in the earlier layout. */
export function isOtherType(error: unknown): boolean {
  const cause = error instanceof BffError ? error.cause : error
  return cause instanceof Error && cause.message.includes('WRONGTYPE')
}

/**
 * Reads a session in the earlier layout, as the present one has it. Returns `null` without a session, `'malformed'` for one
 * that cannot be read.
 */
export async function readEarlier(link: Link, key: string, handle: SessionHandle) {
  const fields = await fieldsOf(link, key)
  // It has been rewritten since the caller asked.
  if (fields === null) return link.get(key)
  return Object.keys(fields).length === 0 ? null : (inPresentLayout(handle, fields) ?? 'malformed')
}

/** Rewrites a session in the present layout: before its first change by this version. */
export async function rewriteEarlier(connection: Connection, key: string, handle: SessionHandle) {
  for (;;) {
    const fields = await connection.run((link) => fieldsOf(link, key))
    if (fields === null || Object.keys(fields).length === 0) return
    const value = inPresentLayout(handle, fields)
    if (value === null) throw new BffError('seal_broken')
    const compared = COMPARED.map((name) => fields[name] ?? '')
    if ((await connection.script(REWRITE, [key], [value, ...compared])) === 1) return
  }
}

/** Returns the fields of a hash; `null` when the key holds something else. */
async function fieldsOf(link: Link, key: string): Promise<Fields | null> {
  try {
    return await link.getHash(key)
  } catch (error) {
    if (isOtherType(error)) return null
    throw error
  }
}

/** The owners of a deleted session, in the order in which the script read them. */
export function ownersOf(fields: readonly (Buffer | null)[]): Owners | null {
  const [userId, organizationId = null, issuer = null, providerSessionId = null] = fields.map(
    (owner) => owner?.toString() ?? null,
  )
  return userId ? { userId, organizationId, issuer, subject: null, providerSessionId } : null
}

function inPresentLayout(handle: SessionHandle, fields: Fields): Buffer | null {
  const record: Record<string, unknown> = { ...ABSENT, handle }
  try {
    for (const [member, name] of Object.entries(EARLIER_NAMES) as [Stored, string][]) {
      const { type, nullable }: SessionFieldFacts = SESSION_FIELDS[member]
      const found = fields[name]
      if (found === undefined && nullable !== true) return null
      record[member] = found === undefined ? null : DECODERS[type](found)
    }
    return encodeSession(record as SessionRecord & typeof record, admissionOf(fields))
  } catch {
    return null
  }
}

function admissionOf(fields: Fields): Admission {
  return {
    admitted: Number(fields[ADMITTED]?.toString() ?? 0),
    waiting: fields[WAITING] !== undefined,
  }
}

function readNumber(bytes: Buffer): number {
  const value = Number(bytes.toString())
  if (!Number.isFinite(value)) throw new RangeError('not a number')
  return value
}
