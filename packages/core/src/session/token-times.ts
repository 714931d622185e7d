import type { TokenSet } from '../contracts/identity-provider.ts'
import type { SessionRecord } from '../contracts/session.ts'

/** When a session's tokens were received and when they end, in epoch milliseconds. */
export type TokenTimes = Pick<
  SessionRecord,
  'accessTokenIssuedAt' | 'accessTokenExpiresAt' | 'refreshTokenExpiresAt'
>

/** A longer lifetime is a mistake, such as milliseconds in place of seconds. */
const MAX_LIFE_MS = 366 * 24 * 60 * 60 * 1000

/**
 * Returns when a lifetime on the wire, in seconds, ends: after at most a year (RFT-12).
 *
 * `null` when it is missing or not a positive number. A lifetime of zero is ignored: some providers write 0 for "does not
 * expire", and a refresh for each request is useless.
 */
function endOf(seconds: number | null | undefined, now: number): number | null {
  return typeof seconds === 'number' && seconds > 0 ? now + Math.min(seconds * 1000, MAX_LIFE_MS) : null
}

/** The options for the expiry of a session's tokens. */
export interface TokenLives {
  /** Lifetime of an access token when the provider does not name one, in milliseconds. */
  readonly defaultTokenLifeMs: number
  /** Whether a session without a refresh token that can be used ends with its access token. */
  readonly endWithAccessToken: boolean
  /** Whether there is a provider to refresh at. */
  readonly canRefresh: boolean
}

/**
 * Returns the times of tokens received at `now`; all `null` without tokens.
 *
 * An access token of unknown lifetime gets the default lifetime, which says when to refresh it; without a refresh token it
 * is used until an API refuses it. The expiry of a refresh token of unknown lifetime stays unknown.
 */
export function accessTokenTimes(
  tokens: Partial<Pick<TokenSet, 'expiresIn' | 'refreshToken' | 'refreshTokenExpiresIn'>> | null,
  { defaultTokenLifeMs, endWithAccessToken, canRefresh }: TokenLives,
  now: number,
): TokenTimes {
  if (tokens === null)
    return { accessTokenIssuedAt: null, accessTokenExpiresAt: null, refreshTokenExpiresAt: null }
  const accessTokenExpiresAt = endOf(tokens.expiresIn, now)
  if (tokens.refreshToken && canRefresh)
    return {
      accessTokenIssuedAt: now,
      accessTokenExpiresAt: accessTokenExpiresAt ?? now + defaultTokenLifeMs,
      refreshTokenExpiresAt: endOf(tokens.refreshTokenExpiresIn, now),
    }
  const refreshTokenExpiresAt = endWithAccessToken ? accessTokenExpiresAt : null
  return { accessTokenIssuedAt: now, accessTokenExpiresAt, refreshTokenExpiresAt }
}

/**
 * The times of a session after a refresh at `now`.
 *
 * The refresh token's end moves when the answer names one, becomes unknown with a new token of unknown life,
 * and stays when the old token stays (RFT-01). The issue time always moves forward, also between two answers
 * within a millisecond or from clocks that disagree: it is what tells that a session's tokens were replaced.
 */
export function refreshedTimes(
  answer: TokenSet,
  before: Pick<SessionRecord, 'accessTokenIssuedAt' | 'refreshTokenExpiresAt'>,
  defaultLifeMs: number,
  now: number,
): TokenTimes {
  return {
    accessTokenExpiresAt: endOf(answer.expiresIn, now) ?? now + defaultLifeMs,
    accessTokenIssuedAt: Math.max(now, (before.accessTokenIssuedAt ?? 0) + 1),
    refreshTokenExpiresAt:
      endOf(answer.refreshTokenExpiresIn, now) ??
      (answer.refreshToken === null ? before.refreshTokenExpiresAt : null),
  }
}

/** When the new refresh token of `answer` ends, received at `now`; `null` when its lifetime is unknown. */
export const refreshTokenEnd = (
  { refreshTokenExpiresIn }: Pick<TokenSet, 'refreshTokenExpiresIn'>,
  now: number,
): number | null => endOf(refreshTokenExpiresIn, now)

/** Returns the earlier of two ends; `null` is later than all: core and every store know one end of what the provider gave. */
export const earlierOf = (one: number | null, other: number | null): number | null =>
  one === null || (other !== null && other < one) ? other : one

/** Whether `current` holds newer tokens than `before`. */
export function hasMovedOn(
  current: Pick<SessionRecord, 'accessTokenIssuedAt'>,
  before: Pick<SessionRecord, 'accessTokenIssuedAt'>,
): boolean {
  return (current.accessTokenIssuedAt ?? 0) > (before.accessTokenIssuedAt ?? 0)
}
