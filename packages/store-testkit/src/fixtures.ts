import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  type BffErrorCode,
  isBffError,
  type Revocation,
  type SessionHandle,
  type SessionRecord,
} from '@bff/core'
import {
  ABSENT,
  fieldsWith,
  SESSION_FIELDS,
  type SessionField,
  type SessionFieldFacts,
  type SessionFieldType,
  type SessionFieldValues,
} from '@bff/core/store'

export { fillPseudonymously, pseudonymous } from './pseudonymous.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Text that has broken stores before: separators, patterns, prototypes, statements, other alphabets. */
export const HOSTILE: readonly string[] = [
  ':',
  'a:b',
  'a::b',
  '{}',
  '{a}:b',
  '%',
  '_',
  '%25%00',
  'line\nbreak\r\n',
  '\t ',
  ' a',
  'a',
  'A',
  '__proto__',
  'constructor',
  'toString',
  "' OR '1'='1",
  "'; DROP TABLE bff_sessions; --",
  '\\',
  '"',
  '*',
  '?[a-z]*',
  '../..',
  'null',
  '0',
  'ü',
  '😀',
  '👩‍👩‍👧',
  'x'.repeat(255),
]

/** Pairs of texts that differ, and that a collation, an index or a normalisation has taken for the same before. */
export const SIMILAR: ReadonlyArray<readonly [string, string]> = [
  [`${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`],
  [`${'x'.repeat(254)}1`, `${'x'.repeat(254)}2`],
  [`${'é'.repeat(127)}1`, `${'é'.repeat(127)}2`],
  ['end', 'end '],
  ['case', 'Case'],
  ['accent', 'áccent'],
  ['caf\u00e9', 'cafe\u0301'],
  ['straße', 'strasse'],
  ['dotless ı', 'dotless i'],
  ['full width', 'ｆull width'],
]

/** Sixteen base64url characters, as every handle is; as hostile as that alphabet allows. */
export const HOSTILE_HANDLES = [
  '__defineGetter__',
  '__lookupSetter__',
  '----------------',
  '________________',
  '0000000000000000',
  'AAAAAAAAAAAAAAAA',
  'aaaaaaaaaaaaaaaa',
].map(handle)

export function handle(name: string | number): SessionHandle {
  return String(name).padEnd(16, '-') as SessionHandle
}

export function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17) & 255)
}

/** A session of `user`, signed in at `now`; the members of `over` replace the usual ones. */
export function session(now: number, over: Partial<SessionRecord> = {}): SessionRecord {
  return {
    ...ABSENT,
    handle: handle('session'),
    version: 1,
    secretHash: 'hash-of-the-secret-half'.padEnd(43, '0'),
    userId: 'user',
    issuer: 'https://idp.example',
    accessTokenEncrypted: bytes(40, 1),
    claimsEncrypted: bytes(40, 2),
    accessTokenIssuedAt: now,
    accessTokenExpiresAt: now + 5 * MINUTE,
    metadata: {},
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: now + 8 * HOUR,
    absoluteExpiresAt: now + 7 * DAY,
    ...over,
  }
}

const NULLABLE = fieldsWith({ nullable: true })

/** A session with every field in use but the revocation; texts are as long as they may be, except ids. */
export function fullSession(now: number, over: Partial<SessionRecord> = {}): SessionRecord {
  return session(now, {
    ...samples(NULLABLE, now),
    revocation: null,
    organizationId: 'organization',
    issuer: 'https://idp.example',
    providerSessionId: 'provider-session',
    deviceId: 'device',
    accessTokenIssuedAt: now,
    accessTokenExpiresAt: now + 5 * MINUTE,
    metadata: { theme: 'dark', nested: { list: [1, 'two', null, true], empty: {} }, '😀': 'é' },
    ...over,
  })
}

/** A value for each of these fields, such as its type allows; of another `seed`, other values. */
export function samples<Field extends SessionField>(
  fields: readonly Field[],
  now: number,
  seed = 1,
): { readonly [Name in Field]: NonNullable<SessionRecord[Name]> } {
  const sampled = fields.map((field, index) => [field, sample(field, now, seed * 100 + index)])
  return Object.fromEntries(sampled) as { readonly [Name in Field]: NonNullable<SessionRecord[Name]> }
}

function sample(field: SessionField, now: number, seed: number): NonNullable<SessionRecord[SessionField]> {
  const { type, max = 1000, personal }: SessionFieldFacts = SESSION_FIELDS[field]
  const name = `${field}-${seed}`
  const byType: { readonly [Type in SessionFieldType]: () => SessionFieldValues[Type] } = {
    handle: () => handle(seed),
    ascii: () => name.padEnd(max, '0'),
    // Ids stay short: a partition puts its name in front of them.
    text: () => `${name} "é" <b>;`.padEnd(personal === 'hashed' ? 0 : max, '.'),
    longText: () => name.padEnd(max, '.'),
    integer: () => seed,
    // Beyond every end a law sets: none of them ends the session.
    time: () => now + 30 * DAY + seed,
    sealed: () => bytes(100 + seed, seed),
    json: () => ({ [name]: [seed, null, { é: true }] }),
    revocation: () => revocation(now),
  }
  return byType[type]()
}

export function revocation(at: number, over: Partial<Revocation> = {}): Revocation {
  return { at, reasonCode: 'logout', actorType: 'user', actorId: null, ...over }
}

/** Records compare by value: bytes by content, regardless of the view that a backend returns. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return `${value.length} bytes ${createHash('sha256').update(value).digest('hex')}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepStrictEqual(plain(actual), plain(expected), message)
}

export async function refuses(code: BffErrorCode, call: () => Promise<unknown>, name = ''): Promise<Error> {
  const outcome = await call().then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  )
  const error = 'error' in outcome ? outcome.error : null
  assert.ok(
    isBffError(error, code),
    `${name} should throw ${code}, but gave ${JSON.stringify(outcome)} ${error}`,
  )
  return error
}
