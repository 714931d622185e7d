import type { Encryptor } from '../crypto/encryptor.ts'
import { lengthPrefixed } from '../crypto/keyring.ts'
import type { SessionRecord } from './model.ts'

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
