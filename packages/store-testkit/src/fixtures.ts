import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  type BffErrorCode,
  isBffError,
  type Revocation,
  type SessionHandle,
  type SessionRecord,
} from '@bff/core'

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
    handle: handle('session'),
    version: 1,
    secretHash: 'hash-of-the-secret-half'.padEnd(43, '0'),
    previousSecretHash: null,
    previousSecretUntil: null,
    userId: 'user',
    organizationId: null,
    issuer: 'https://idp.example',
    providerSessionId: null,
    deviceId: null,
    clientPublicKey: null,
    accessTokenEncrypted: bytes(40, 1),
    refreshTokenEncrypted: null,
    idTokenEncrypted: null,
    claimsEncrypted: bytes(40, 2),
    dpopKeyPairEncrypted: null,
    dpopThumbprint: null,
    accessTokenIssuedAt: now,
    accessTokenExpiresAt: now + 5 * MINUTE,
    refreshTokenExpiresAt: null,
    metadata: {},
    ipAddress: null,
    userAgent: null,
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: now + 8 * HOUR,
    absoluteExpiresAt: now + 7 * DAY,
    revocation: null,
    ...over,
  }
}

/** A session with every field in use. */
export function fullSession(now: number, over: Partial<SessionRecord> = {}): SessionRecord {
  return session(now, {
    previousSecretHash: 'hash-before-the-rotation'.padEnd(43, '0'),
    previousSecretUntil: now + 30_000,
    organizationId: 'organization',
    providerSessionId: 'provider-session',
    deviceId: 'device',
    clientPublicKey: 'public-key',
    refreshTokenEncrypted: bytes(80, 3),
    idTokenEncrypted: bytes(1200, 4),
    dpopKeyPairEncrypted: bytes(300, 5),
    dpopThumbprint: 'thumbprint'.padEnd(43, '0'),
    refreshTokenExpiresAt: now + 30 * DAY,
    metadata: { theme: 'dark', nested: { list: [1, 'two', null, true], empty: {} }, '😀': 'é' },
    ipAddress: '2001:0db8:0000:0000:0000:ff00:0042:8329',
    userAgent: 'Mozilla/5.0 "quoted" <b>;'.padEnd(500, '.'),
    ...over,
  })
}

export function revocation(at: number, over: Partial<Revocation> = {}): Revocation {
  return { at, reasonCode: 'logout', actorType: 'user', actorId: null, ...over }
}

/** Records compare by value: bytes by content, whatever view of them a backend returns. */
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
