import type { Clock, Session, SessionRecord, Stores } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'
import type { FastifyBff } from '@bff/fastify'
import type { FastifyInstance } from 'fastify'
import type { Journal, SessionHistory } from './journal.ts'

export interface ServerViewOptions {
  readonly store: Stores
  readonly journal: Journal
  readonly clock: Clock
}

/** What `GET /demo/server` tells the page: times, sizes and names, and no part of any token. Times are epoch milliseconds. */
export interface ServerView {
  readonly now: number
  readonly handle: string
  readonly tokenKind: 'DPoP' | 'Bearer'
  /** RFC 7638 thumbprint of the session's public key, or `null` for plain Bearer tokens. */
  readonly dpopThumbprint: string | null
  readonly accessToken: { readonly issuedAt: number | null; readonly expiresAt: number | null }
  readonly hasRefreshToken: boolean
  /** Bytes of ciphertext the store keeps for this session. */
  readonly sealedBytes: number
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly idleEndsAt: number
  readonly endsAt: number
  readonly history: SessionHistory
}

/** A route of the app itself, guarded like the BFF's own: it wants the session and the CSRF header. */
export function addServerView(
  app: FastifyInstance,
  { requireSession, sessionOf }: FastifyBff,
  { store, journal, clock }: ServerViewOptions,
): void {
  app.get('/demo/server', { onRequest: requireSession() }, async (request, reply) => {
    const session = sessionOf(request)
    const record = await store.sessions.get(session.handle)
    reply.header('cache-control', 'no-store')
    return viewOf(session, record, journal.of(session.handle), clock.now())
  })
}

function viewOf(
  session: Session,
  record: SessionRecord | null,
  history: SessionHistory,
  now: number,
): ServerView {
  return {
    now,
    handle: session.handle,
    tokenKind: session.dpopThumbprint === null ? 'Bearer' : 'DPoP',
    dpopThumbprint: session.dpopThumbprint,
    accessToken: { issuedAt: session.accessTokenIssuedAt, expiresAt: session.accessTokenExpiresAt },
    hasRefreshToken: session.hasRefreshToken,
    sealedBytes: record === null ? 0 : sealedBytesOf(record),
    createdAt: session.createdAt,
    lastUsedAt: session.lastAccessedAt,
    idleEndsAt: session.expiresAt,
    endsAt: session.absoluteExpiresAt,
    history,
  }
}

function sealedBytesOf(record: SessionRecord): number {
  return SEALED_FIELDS.reduce((sum, field) => sum + (record[field]?.byteLength ?? 0), 0)
}
