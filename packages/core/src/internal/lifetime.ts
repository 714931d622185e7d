import type { SessionRecord } from '../contracts/session.ts'

/** The times that tell whether a session or its tokens live. */
export type SessionTimes = Pick<
  SessionRecord,
  'expiresAt' | 'absoluteExpiresAt' | 'accessTokenIssuedAt' | 'accessTokenExpiresAt' | 'refreshTokenExpiresAt'
>

/** Returns which of its limits a session has passed at `now`; `null` while it has not expired (BFF-17). */
export function expiredLimit(
  session: SessionTimes,
  now: number,
): 'idle' | 'absolute' | 'refresh_token' | null {
  if (!isBefore(now, session.absoluteExpiresAt)) return 'absolute'
  if (isRefreshTokenExpired(session, now)) return 'refresh_token'
  return isBefore(now, session.expiresAt) ? null : 'idle'
}

/** Returns whether the session has passed its idle, absolute or refresh-token limit: at the limit itself it has not. */
export function isExpired(session: SessionTimes, now: number): boolean {
  return expiredLimit(session, now) !== null
}

/** Returns whether the session is active: it is neither revoked nor past its idle, absolute or refresh-token limit. */
export function isActive(session: SessionTimes & Pick<SessionRecord, 'revocation'>, now: number): boolean {
  return session.revocation === null && !isExpired(session, now)
}

/** Returns whether the access token has expired; `false` without an access token. */
export function isAccessTokenExpired(session: SessionTimes, now: number): boolean {
  return session.accessTokenExpiresAt !== null && !isBefore(now, session.accessTokenExpiresAt)
}

/** Whether the refresh token is past its expiry; `false` when that is unknown. */
export function isRefreshTokenExpired(session: SessionTimes, now: number): boolean {
  return session.refreshTokenExpiresAt !== null && !isBefore(now, session.refreshTokenExpiresAt)
}

/** The largest share of an access token's life that a refresh may come early by. */
const MAX_EARLY_SHARE = 0.2

/**
 * Whether the access token should be refreshed at `now`: less than `thresholdMs` of its life is left.
 *
 * The threshold is capped to a fifth of the token's life, so that a short-lived token is not refreshed on every
 * request.
 */
export function needsRefresh(session: SessionTimes, thresholdMs: number, now: number): boolean {
  const { accessTokenIssuedAt: issued, accessTokenExpiresAt: expires } = session
  if (expires === null) return false
  const cap = issued === null ? thresholdMs : Math.max(0, (expires - issued) * MAX_EARLY_SHARE)
  return !isBefore(now + Math.min(thresholdMs, cap), expires)
}

/** Whether the session's tokens are bound to a key: pair and thumbprint both present. */
export function hasDpop(session: Pick<SessionRecord, 'dpopKeyPairEncrypted' | 'dpopThumbprint'>): boolean {
  return session.dpopKeyPairEncrypted !== null && session.dpopThumbprint !== null
}

/**
 * Returns when a session used at `now` expires without another use, at its absolute limit at the latest.
 *
 * The expiry of the refresh token is a separate limit: a refresh moves it, and a touch must not store its old value.
 */
export function idleExpiry(
  { absoluteExpiresAt }: Pick<SessionRecord, 'absoluteExpiresAt'>,
  idleTimeoutMs: number,
  now: number,
): number {
  return Math.min(now + idleTimeoutMs, absoluteExpiresAt)
}

/**
 * Returns for how many milliseconds an access token with this lifetime is young: an API that refuses one this young would
 * refuse the next one too.
 */
export const youthOf = (lifeMs: number): number => Math.min(10_000, lifeMs / 2)

/** The ends of a session. */
export type SessionEnds = Pick<SessionRecord, 'expiresAt' | 'absoluteExpiresAt' | 'refreshTokenExpiresAt'>

/** Returns when a session expires without another use: the earliest of its limits. */
export function endOfSession({ expiresAt, absoluteExpiresAt, refreshTokenExpiresAt }: SessionEnds): number {
  return Math.min(expiresAt, absoluteExpiresAt, refreshTokenExpiresAt ?? Infinity)
}

/**
 * Returns whether a time of a record is in the future, or is now. A store may return anything: a value that is not a number
 * has passed. Infinity is a number, and never passes.
 */
export function isBefore(now: number, end: number): boolean {
  return typeof end === 'number' && now <= end
}
