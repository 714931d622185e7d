import type { Clock } from '../clock.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import { equalsConstantTime } from '../crypto/hash.ts'
import { isBffError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { SessionStore } from '../store/session-store.ts'
import type { TtlStore } from '../store/ttl-store.ts'
import type { SessionEnding } from './ending.ts'
import { parseSessionId } from './id.ts'
import { isBefore } from './is-before.ts'
import { expiredLimit } from './lifetime.ts'
import type { SessionRecord } from './model.ts'
import { rotatedKey } from './rotation.ts'
import { secretHashOf } from './secret-hash.ts'

/** What a session id stands for right now. */
export type Loaded =
  | { readonly state: 'live'; readonly record: SessionRecord }
  /** Proven dead: the id was right, and its session has passed one of its limits. */
  | { readonly state: 'expired'; readonly record: SessionRecord }
  /** Proven dead: no such session, a wrong secret, or revoked. */
  | { readonly state: 'invalid' }

export interface LoadDependencies {
  readonly sessions: SessionStore
  /** Where secrets from before earlier rotations are known. */
  readonly ttl: TtlStore
  readonly ending: SessionEnding
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  /** Told of every record that is read, with the time it was read at. */
  readonly watchClock: (record: SessionRecord, now: number) => void
}

/**
 * Reads the session of an id: one read by primary key, then everything a store might claim is checked again.
 *
 * A secret from before a rotation is honoured for its grace; used later it can only have been stolen or replayed, and
 * ends the session.
 */
export async function loadSession(id: string, dependencies: LoadDependencies): Promise<Loaded | null> {
  const { sessions, clock, emit } = dependencies
  const parsed = parseSessionId(id)
  if (parsed === null) return null
  const record = await sessions.get(parsed.handle)
  const invalid = (): Loaded => {
    emit({ type: 'session.unknown' })
    return { state: 'invalid' }
  }
  if (record === null || record.handle !== parsed.handle) return invalid()

  const now = clock.now()
  dependencies.watchClock(record, now)
  if (!(await isSecret(parsed.secret, record, record.secretHash, dependencies))) {
    const until = await honouredUntil(record, parsed.secret, dependencies)
    if (until === null) return invalid()
    if (!isBefore(now, until)) {
      await endStolenSession(record, dependencies)
      return { state: 'invalid' }
    }
  }
  if (record.revocation !== null) return { state: 'invalid' }
  const passed = expiredLimit(record, now)
  if (passed === null) return { state: 'live', record }
  const limit = passed === 'refresh_token' && record.refreshTokenEncrypted === null ? 'access_token' : passed
  emit({ type: 'session.expired', handle: record.handle, userId: record.userId, limit })
  return { state: 'expired', record }
}

/**
 * Whether a hash of the record is that of this secret, of this session and of nobody else's.
 *
 * @throws BffError `key_unavailable` when it was made with a key this process lacks: that says nothing about the secret
 */
async function isSecret(
  secret: string,
  record: SessionRecord,
  expected: string,
  { encryptor, emit }: LoadDependencies,
): Promise<boolean> {
  try {
    return equalsConstantTime(await secretHashOf(encryptor, secret, record, expected), expected)
  } catch (error) {
    if (isBffError(error, 'seal_broken')) return false
    if (isBffError(error, 'key_unavailable'))
      emit({
        type: 'crypto.decrypt_failed',
        field: 'secretHash',
        recordId: record.handle,
        reason: 'unknown_key',
      })
    throw error
  }
}

/** Until when a secret from before a rotation is honoured; `null` for one this session never had. */
async function honouredUntil(
  record: SessionRecord,
  secret: string,
  dependencies: LoadDependencies,
): Promise<number | null> {
  const { handle, previousSecretHash, previousSecretUntil } = record
  if (typeof previousSecretHash !== 'string') return null
  const { encryptor, ttl } = dependencies
  if (await isSecret(secret, record, previousSecretHash, dependencies)) return previousSecretUntil ?? 0
  const hash = await secretHashOf(encryptor, secret, record, previousSecretHash)
  const until = await ttl.get(rotatedKey(handle, hash))
  return until === null ? null : Number(until)
}

async function endStolenSession(record: SessionRecord, { ending, emit }: LoadDependencies): Promise<void> {
  if (record.revocation !== null) return
  const { handle, userId, updatedAt } = record
  emit({ type: 'session.theft', handle, userId, rotatedAt: updatedAt })
  await ending.end(handle, { reasonCode: 'rotation_theft', actorType: 'system', actorId: null })
}
