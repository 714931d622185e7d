import { type Bff, type Clock, isExpired, type Session, type SessionSummary } from '@bff/core'
import { requireSession } from '@bff/fastify'
import type { FastifyInstance } from 'fastify'

const MAX_SHOWN = 100

/** One line of `GET /demo/sessions`. Times are epoch milliseconds. */
export interface OwnSession {
  readonly handle: string
  /** Whether it is the one that asks. */
  readonly current: boolean
  readonly userAgent: string | null
  readonly createdAt: number
  readonly lastUsedAt: number
}

/** What people may see and end of their sessions: only what lives, and only their own. */
export function addOwnSessions(app: FastifyInstance, bff: Bff, clock: Clock): void {
  const guarded = { onRequest: requireSession }

  async function* active({ userId, issuer }: Session): AsyncGenerator<SessionSummary> {
    const filter = { userId, ...(issuer !== null && { issuer }) }
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await bff.sessions.list(filter, cursor === undefined ? {} : { cursor })
      for (const session of page.sessions) {
        // Without an issuer the filter reaches the same user id of every issuer.
        if (session.issuer !== issuer) continue
        if (session.revocation === null && !isExpired(session, clock.now())) yield session
      }
      cursor = page.next
    }
  }

  app.get('/demo/sessions', guarded, async ({ bff: { session } }, reply) => {
    const sessions: OwnSession[] = []
    for await (const each of active(session)) {
      sessions.push(viewOf(each, session))
      if (sessions.length === MAX_SHOWN) break
    }
    reply.header('cache-control', 'no-store')
    return { now: clock.now(), sessions }
  })

  app.delete<{ Params: { handle: string } }>(
    '/demo/sessions/:handle',
    guarded,
    async ({ bff: { session }, params }, reply) => {
      for await (const { handle } of active(session)) {
        if (handle !== params.handle) continue
        await bff.sessions.revoke(handle, byUser(session))
        return reply.code(204).send()
      }
      // The same for somebody else's session as for none at all.
      return reply
        .code(404)
        .send({ error: 'not_found', message: 'You have no such session, or not any more.' })
    },
  )

  app.post('/demo/sessions/end-others', guarded, async ({ bff: { session } }) => {
    const ended = await bff.sessions.revokeOthers(session, byUser(session))
    return { ended: ended.length }
  })
}

const byUser = ({ userId }: Session) => ({ reasonCode: 'user_revoked', actorType: 'user', actorId: userId })

function viewOf(session: SessionSummary, current: Session): OwnSession {
  return {
    handle: session.handle,
    current: session.handle === current.handle,
    userAgent: session.userAgent,
    createdAt: session.createdAt,
    lastUsedAt: session.lastAccessedAt,
  }
}
