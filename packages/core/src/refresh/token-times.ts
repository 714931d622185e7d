import type { TokenSet } from '../provider/identity-provider.ts'
import type { SessionRecord } from '../session/model.ts'

/** When a session's tokens were received and when they end, in epoch milliseconds. */
export type TokenTimes = Pick<
  SessionRecord,
  'accessTokenIssuedAt' | 'accessTokenExpiresAt' | 'refreshTokenExpiresAt'
>

/** Nobody means a life beyond this: it is a mistake, or milliseconds taken for seconds. */
const MAX_LIFE_MS = 366 * 24 * 60 * 60 * 1000

/**
 * When a life on the wire, in seconds, is over: after a year at most (RFT-12).
 *
 * `null` when it is missing or not a positive number. A token just issued with a life of zero is not believed:
 * some providers write 0 for "does not end", and one refresh a request would help nobody.
 */
function endOf(seconds: number | null | undefined, now: number): number | null {
  return typeof seconds === 'number' && seconds > 0 ? now + Math.min(seconds * 1000, MAX_LIFE_MS) : null
}

/**
 * The times of tokens received at `now`; all `null` without tokens.
 *
 * An access token of unknown life gets `defaultLifeMs`; a refresh token of unknown life stays unknown.
 */
export function accessTokenTimes(
  tokens: Partial<Pick<TokenSet, 'expiresIn' | 'refreshToken' | 'refreshTokenExpiresIn'>> | null,
  defaultLifeMs: number,
  now: number,
): TokenTimes {
  if (tokens === null)
    return { accessTokenIssuedAt: null, accessTokenExpiresAt: null, refreshTokenExpiresAt: null }
  return {
    accessTokenIssuedAt: now,
    accessTokenExpiresAt: endOf(tokens.expiresIn, now) ?? now + defaultLifeMs,
    refreshTokenExpiresAt: tokens.refreshToken ? endOf(tokens.refreshTokenExpiresIn, now) : null,
  }
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
    ...accessTokenTimes(answer, defaultLifeMs, now),
    accessTokenIssuedAt: Math.max(now, (before.accessTokenIssuedAt ?? 0) + 1),
    refreshTokenExpiresAt:
      endOf(answer.refreshTokenExpiresIn, now) ??
      (answer.refreshToken === null ? before.refreshTokenExpiresAt : null),
  }
}

/** Whether `current` holds newer tokens than `before`. */
export function hasMovedOn(
  current: Pick<SessionRecord, 'accessTokenIssuedAt'>,
  before: Pick<SessionRecord, 'accessTokenIssuedAt'>,
): boolean {
  return (current.accessTokenIssuedAt ?? 0) > (before.accessTokenIssuedAt ?? 0)
}
