import { type Bff, isExpired, type Session, type SessionSummary } from '@bff/core'

/** Every living session of this session's user, newest first. */
export async function* ownSessions(bff: Bff, { userId, issuer }: Session): AsyncGenerator<SessionSummary> {
  const filter = { userId, ...(issuer !== null && { issuer }) }
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await bff.sessions.list(filter, cursor === undefined ? {} : { cursor })
    for (const session of page.sessions) {
      // Without an issuer the filter reaches the same user id of every issuer.
      if (session.issuer !== issuer) continue
      if (session.revocation === null && !isExpired(session, Date.now())) yield session
    }
    cursor = page.next
  }
}
