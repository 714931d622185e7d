import type { Encryptor } from '../contracts/encryptor.ts'
import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { randomToken } from '../internal/crypto/hash.ts'
import { lengthPrefixed } from '../internal/crypto/keyring.ts'
import { HANDLE_CHARS } from '../internal/session-handle.ts'

const ID = /^[\w-]{43}$/

/** The parts of a session id: the public handle, and the secret, of which the store holds only a hash. */
export interface SessionIdParts {
  readonly handle: SessionHandle
  readonly secret: string
}

/** Generates a session id: 256 random bits as 43 base64url characters (CKS-07). */
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

/** The members that a session's secret is bound to: someone who can only write the store cannot change them. */
type Bound = Pick<
  SessionRecord,
  'handle' | 'userId' | 'subject' | 'issuer' | 'provider' | 'createdAt' | 'absoluteExpiresAt'
>

/**
 * Returns the hash that a record holds of the id's secret. It is keyed with the encryption key and covers the secret and the
 * bound members. Someone who can write the store can neither make one for their own secret, nor move one to another user.
 *
 * @param like a hash to compare with, which names the key to use. @default the newest key
 * @throws BffError `key_unavailable`, `seal_broken` as `Encryptor.mac`
 */
export function secretHashOf(
  encryptor: Encryptor,
  secret: string,
  { handle, userId, subject, issuer, provider, createdAt, absoluteExpiresAt }: Bound,
  like?: string,
): Promise<string> {
  const from = issuer === null ? '-' : lengthPrefixed(issuer)
  // A letter, where a record from before these members goes on with a digit. A subject that is the user id adds nothing.
  const at = provider === null ? '' : `p${lengthPrefixed(provider)}`
  const as = subject === null || subject === userId ? '' : `s${lengthPrefixed(subject)}`
  return encryptor.mac(
    `${handle}${secret}${at}${as}${createdAt}:${absoluteExpiresAt}:${from}:${userId}`,
    like,
  )
}

/** The TTL store's key of a secret that was replaced by more than one rotation. */
export const rotatedKey = (handle: SessionHandle, secretHash: string) => `rotated:${handle}:${secretHash}`

/**
 * Remembers the secret that the next rotation removes from the record: requests with it may still be under way, and a use
 * after its grace is theft.
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

/** The event of a hash that was made with a key that this process does not have. */
export const unknownKey = ({ handle }: Pick<SessionRecord, 'handle'>) =>
  ({ type: 'crypto.decrypt_failed', field: 'secretHash', recordId: handle, reason: 'unknown_key' }) as const
