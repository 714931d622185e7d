import type { Clock } from '../contracts/clock.ts'
import type { TokenRefresh } from '../contracts/parts.ts'
import type { Session, SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import { BffError } from '../internal/bff-error.ts'
import { isAccessTokenExpired, isActive, youthOf } from '../internal/lifetime.ts'
import { follow, recordOf } from '../session/live-session.ts'
import type { Refresher } from './refresher.ts'

interface TokenRefreshDependencies {
  /** Whether there is a provider to refresh at. */
  readonly canRefresh: boolean
  readonly sessions: SessionStore
  readonly clock: Clock
  readonly view: (record: SessionRecord) => Session
}

/** Makes what the endpoints, the proxy and the app refresh sessions with. */
export function createTokenRefresh(
  refresher: Refresher,
  { canRefresh, sessions, clock, view }: TokenRefreshDependencies,
): TokenRefresh {
  return {
    ensureFresh: refresher.ensureFresh,
    refresh: refresher.refresh,
    async refreshSession(session) {
      if (!canRefresh) throw new BffError('not_configured')
      const stored = await sessions.get(session.handle)
      if (stored === null || !isActive(stored, clock.now())) return null
      const record = await refresher.refresh(stored)
      if (record === null) return null
      follow(session, record)
      return view(record)
    },
    async replaceRefused(session) {
      const held = recordOf(session)
      const current = await sessions.get(held.handle)
      if (current === null || current.revocation !== null) return null
      if (current.accessTokenIssuedAt !== held.accessTokenIssuedAt) return view(current)
      // An API that refuses a token this young would refuse the next one too.
      if (!canRefresh || current.refreshTokenEncrypted === null || isYoung(current, clock.now()))
        return session
      const refreshed = await refresher.refresh(current)
      return refreshed === null ? null : view(refreshed)
    },
  }
}

function isYoung({ accessTokenIssuedAt, accessTokenExpiresAt }: SessionRecord, now: number): boolean {
  const issuedAt = accessTokenIssuedAt ?? 0
  const age = now - issuedAt
  // A negative age means that a clock was set back: it says nothing about the token.
  return age >= 0 && age < youthOf((accessTokenExpiresAt ?? Infinity) - issuedAt)
}

/** The refresher of a BFF without a provider: tokens are used until they expire. */
export function noRefresher(clock: Clock): Refresher {
  const isFresh = (record: SessionRecord) => !isAccessTokenExpired(record, clock.now())
  return {
    refresh: async (record) => record,
    async ensureFresh(record) {
      if (isFresh(record)) return record
      throw new BffError('token_expired')
    },
    isFresh,
    keepAlive: (record) => record,
  }
}
