import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionEnding } from '../contracts/session-ending.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { isBffError } from '../internal/bff-error.ts'
import { equalsConstantTime } from '../internal/crypto/hash.ts'
import { expiredLimit, isBefore } from '../internal/lifetime.ts'
import { parseSessionId, rotatedKey, secretHashOf } from '../session/id.ts'

/** What the store says about a session id now. */
export type Loaded =
  | { readonly state: 'live'; readonly record: SessionRecord }
  /** The id is right, and its session has expired. */
  | { readonly state: 'expired'; readonly record: SessionRecord }
  /** There is no such session, the secret is wrong, or the session is revoked. */
  | { readonly state: 'invalid' }

export interface LoadDependencies {
  readonly sessions: SessionStore
  /** Holds the secrets from before earlier rotations. */
  readonly ttl: TtlStore
  readonly ending: SessionEnding
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  /** Receives every record that is read, and the time of the read. */
  readonly watchClock: (record: SessionRecord, now: number) => void
}

/**
 * Reads the session of an id: one read by primary key, then it checks every value of the store.
 *
 * A secret from before a rotation is accepted during its grace. A later use is theft and revokes the session.
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
 * Whether a hash of the record belongs to this secret and this session.
 *
 * @throws BffError `key_unavailable` when it was made with a key that this process does not have: that says nothing about
 * the secret
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

/** Until when a secret from before a rotation is accepted; `null` for a secret that this session never had. */
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

/** Clocks that NTP keeps differ by milliseconds; the latency of a store is far below this too. */
const TOLERATED_MS = 5_000
const QUIET_MS = 60_000

/**
 * Notices that this process's clock is behind that of another one: a record it reads was written in its future. Says
 * so once a minute at most.
 */
export function createSkewWatch(clock: Clock, emit: Emit): (record: SessionRecord, now: number) => void {
  let quietUntil = Number.NEGATIVE_INFINITY
  return ({ updatedAt, lastAccessedAt }, now) => {
    const behindMs = Math.max(updatedAt, lastAccessedAt) - now
    if (!(behindMs > TOLERATED_MS) || clock.monotonic() < quietUntil) return
    quietUntil = clock.monotonic() + QUIET_MS
    emit({ type: 'clock.skewed', behindMs })
  }
}
