import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionRevocation } from '../contracts/session-revocation.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { isBffError } from '../internal/bff-error.ts'
import { equalsConstantTime } from '../internal/crypto/hash.ts'
import { expiredLimit, isActive } from '../internal/lifetime.ts'
import { type SessionIdParts, secretHashOf, unknownKey } from '../session/id.ts'
import type { VerifiedSecrets } from '../session/verified-secrets.ts'
import { judgeEarlierSecret } from './earlier-secret.ts'

/** What the store says about a session id now. */
export type Loaded =
  | { readonly state: 'live'; readonly record: SessionRecord }
  /** The id is right, and its session has expired. */
  | { readonly state: 'expired'; readonly record: SessionRecord }
  /** There is no such session, the secret is wrong, or the session is revoked. */
  | { readonly state: 'invalid' }

export interface LoadDependencies {
  readonly verified: VerifiedSecrets
  /** Holds the secrets from before earlier rotations. */
  readonly ttl: TtlStore
  readonly sessionRevocation: SessionRevocation
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  /** Receives every record that is read, and the time of the read. */
  readonly watchClock: (record: SessionRecord, now: number) => void
}

/** Whether a cached record lets its session in without a read of the store: it may be old, so nobody is refused by it. */
export function isLiveInCache(
  secret: string,
  record: SessionRecord,
  dependencies: LoadDependencies,
): boolean | Promise<boolean> {
  if (expiredLimit(record, dependencies.clock.now()) !== null) return false
  return isCurrentSecret(secret, record, dependencies)
}

/**
 * Says what a session is, from the record that the store has just returned: every value of it is checked. Returns at once
 * when the secret was verified before.
 *
 * A secret from before a rotation is accepted during its grace. A later use is theft and revokes the session.
 */
export function judgeSession(
  { handle, secret }: SessionIdParts,
  record: SessionRecord | null,
  dependencies: LoadDependencies,
): Loaded | Promise<Loaded> {
  if (record === null || record.handle !== handle) return unknown(dependencies.emit)
  const now = dependencies.clock.now()
  dependencies.watchClock(record, now)
  return dependencies.verified.has(secret, record)
    ? judgeTimes(record, now, dependencies)
    : judgeSecret(secret, record, now, dependencies)
}

async function judgeSecret(
  secret: string,
  record: SessionRecord,
  now: number,
  dependencies: LoadDependencies,
): Promise<Loaded> {
  if (!(await isCurrentSecret(secret, record, dependencies))) {
    const judged = await judgeEarlierSecret(secret, record, now, dependencies)
    if (judged === 'unknown') return unknown(dependencies.emit)
    if (judged === 'stolen') return { state: 'invalid' }
  }
  return judgeTimes(record, now, dependencies)
}

function judgeTimes(record: SessionRecord, now: number, { emit }: LoadDependencies): Loaded {
  if (record.revocation !== null) return { state: 'invalid' }
  const passed = expiredLimit(record, now)
  if (passed === null) return { state: 'live', record }
  const limit = passed === 'refresh_token' && record.refreshTokenEncrypted === null ? 'access_token' : passed
  emit({ type: 'session.expired', handle: record.handle, userId: record.userId, limit })
  return { state: 'expired', record }
}

function unknown(emit: Emit): Loaded {
  emit({ type: 'session.unknown' })
  return { state: 'invalid' }
}

/** As {@link isCurrent}, and remembers a secret that is. */
function isCurrentSecret(
  secret: string,
  record: SessionRecord,
  dependencies: LoadDependencies,
): boolean | Promise<boolean> {
  const { verified } = dependencies
  if (verified.has(secret, record)) return true
  return isCurrent(secret, record, dependencies).then((isRight) => {
    if (isRight) verified.add(secret, record)
    return isRight
  })
}

/**
 * Whether the record's current hash belongs to this secret and this session.
 *
 * @throws BffError `key_unavailable` when the hash of an active session was made with a key that this process does not have:
 * that says nothing about the secret
 */
async function isCurrent(
  secret: string,
  record: SessionRecord,
  { encryptor, clock, emit }: LoadDependencies,
): Promise<boolean> {
  const { secretHash } = record
  try {
    return equalsConstantTime(await secretHashOf(encryptor, secret, record, secretHash), secretHash)
  } catch (error) {
    if (isBffError(error, 'seal_broken')) return false
    if (!isBffError(error, 'key_unavailable')) throw error
    // An ended session lets nobody in, and needs no key: an operator may have removed it since.
    if (!isActive(record, clock.now())) return false
    emit(unknownKey(record))
    throw error
  }
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
