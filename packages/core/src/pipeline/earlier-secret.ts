import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionRevocation } from '../contracts/session-revocation.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { isBffError } from '../internal/bff-error.ts'
import { equalsConstantTime } from '../internal/crypto/hash.ts'
import { isBefore } from '../internal/lifetime.ts'
import { rotatedKey, secretHashOf, unknownKey } from '../session/id.ts'

interface EarlierSecretDependencies {
  readonly encryptor: Encryptor
  /** Holds the secrets from before earlier rotations. */
  readonly ttl: TtlStore
  readonly sessionRevocation: SessionRevocation
  readonly emit: Emit
}

/**
 * Judges a secret that is not the session's current one: from before a rotation and `honoured` during its grace, `stolen`
 * after it, which ends the session, or `unknown`.
 *
 * @throws BffError `key_unavailable`, `store_unavailable`
 */
export async function judgeEarlierSecret(
  secret: string,
  record: SessionRecord,
  now: number,
  dependencies: EarlierSecretDependencies,
): Promise<'unknown' | 'honoured' | 'stolen'> {
  const until = await honouredUntil(secret, record, now, dependencies)
  if (until === null) return 'unknown'
  if (isBefore(now, until)) return 'honoured'
  await endStolenSession(record, dependencies)
  return 'stolen'
}

/** Until when a secret from before a rotation is accepted; `null` for a secret that this session never had. */
async function honouredUntil(
  secret: string,
  record: SessionRecord,
  now: number,
  { encryptor, ttl, emit }: EarlierSecretDependencies,
): Promise<number | null> {
  const { handle, previousSecretHash, previousSecretUntil } = record
  if (typeof previousSecretHash !== 'string') return null
  const until = previousSecretUntil ?? 0
  let hash: string
  try {
    hash = await secretHashOf(encryptor, secret, record, previousSecretHash)
  } catch (error) {
    if (isBffError(error, 'seal_broken')) return null
    if (!isBffError(error, 'key_unavailable')) throw error
    // An operator may remove a key while records still name it here: a secret from before the grace opens nothing anyway.
    if (!isBefore(now, until)) return null
    emit(unknownKey(record))
    throw error
  }
  if (equalsConstantTime(hash, previousSecretHash)) return until
  const earlier = await ttl.get(rotatedKey(handle, hash))
  return earlier === null ? null : Number(earlier)
}

async function endStolenSession(
  record: SessionRecord,
  { sessionRevocation, emit }: EarlierSecretDependencies,
): Promise<void> {
  if (record.revocation !== null) return
  const { handle, userId, updatedAt } = record
  emit({ type: 'session.theft', handle, userId, rotatedAt: updatedAt })
  await sessionRevocation.revoke(handle, { reasonCode: 'rotation_theft', actorType: 'system', actorId: null })
}
