import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { randomToken } from '../internal/crypto/hash.ts'
import { lengthPrefixed } from '../internal/crypto/keyring.ts'

const ID = /^[\w-]{43}$/
const HANDLE = /^[\w-]{16}$/
const HANDLE_CHARS = 16

/** What a session id splits into: the public handle, and the secret of which only a hash is stored. */
export interface SessionIdParts {
  readonly handle: SessionHandle
  readonly secret: string
}

/** A new session id: 256 random bits as 43 base64url characters (CKS-07). */
export function generateSessionId(): string {
  return randomToken()
}

/** Splits a session id; `null` for anything but 43 base64url characters, before any store is asked (CKS-05). */
export function parseSessionId(value: string): SessionIdParts | null {
  return ID.test(value) ? splitSessionId(value) : null
}

/** Splits an id that is known to be one. */
export function splitSessionId(id: string): SessionIdParts {
  return { handle: id.slice(0, HANDLE_CHARS) as SessionHandle, secret: id.slice(HANDLE_CHARS) }
}

/** Whether `value` has the form of a session handle: 16 base64url characters. */
export function isSessionHandle(value: string): value is SessionHandle {
  return HANDLE.test(value)
}

/** What a session's secret is bound to: nobody who can only write the store may change one of these. */
type Bound = Pick<SessionRecord, 'handle' | 'userId' | 'issuer' | 'createdAt' | 'absoluteExpiresAt'>

/**
 * What a record holds of the id's secret half: a hash keyed with the encryption key, over the secret and what the
 * session is. Whoever can write the store cannot make one for a secret of their own, nor move one to another user.
 *
 * @param like a hash to compare with, which names the key to use. @default the newest key
 * @throws BffError `key_unavailable`, `seal_broken` as `Encryptor.mac`
 */
export function secretHashOf(
  encryptor: Encryptor,
  secret: string,
  { handle, userId, issuer, createdAt, absoluteExpiresAt }: Bound,
  like?: string,
): Promise<string> {
  const from = issuer === null ? '-' : lengthPrefixed(issuer)
  return encryptor.mac(`${handle}${secret}${createdAt}:${absoluteExpiresAt}:${from}:${userId}`, like)
}

/** The TTL store's key of a secret that was replaced by more than one rotation. */
export const rotatedKey = (handle: SessionHandle, secretHash: string) => `rotated:${handle}:${secretHash}`

/**
 * Remembers the secret that the next rotation pushes out of the record: requests sent with it may still be under way,
 * and whoever uses it after its grace is a thief.
 */
export async function rememberPrevious(
  ttl: TtlStore,
  { handle, previousSecretHash, previousSecretUntil, absoluteExpiresAt }: SessionRecord,
  now: number,
): Promise<void> {
  if (previousSecretHash === null) return
  const lifeMs = Math.max(1, absoluteExpiresAt - now)
  await ttl.set(rotatedKey(handle, previousSecretHash), String(previousSecretUntil ?? 0), lifeMs)
}
