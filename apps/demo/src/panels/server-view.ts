import type { PluginContext, RequestView, Session, SessionRecord } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'
import type { CopiedJar } from './copied-jars.ts'
import type { Journal, SessionHistory } from './journal.ts'

/** What the page cannot know of the app that serves it. */
export interface Surroundings {
  /** Another site with the page that attacks this app, or `null`: the app runs alone. */
  readonly foreignOrigin: string | null
  /** Where the documents are, or `null`: the app runs alone. */
  readonly documentsOrigin: string | null
  /** How long an outage of the failure switches lasts, milliseconds, or `null`: the app has no switches. */
  readonly outageMs: number | null
}

/** What `GET /bff/demo/server` tells the page: times, sizes and names, and no part of any token. Times are epoch milliseconds. */
export interface ServerView extends Surroundings {
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
  /** Whether the session is bound to a key of its browser. `null`: on plain http no browser binds. */
  readonly isBound: boolean | null
  /** The cookies that were copied last, and what they got; `null`: none were. */
  readonly copy: CopiedJar | null
}

/** Tells the page what the server holds for the session of this request. */
export const serverViewOf =
  ({ requests, stores, clock, options }: PluginContext, journal: Journal) =>
  async (request: RequestView): Promise<Omit<ServerView, keyof Surroundings | 'copy'>> => {
    const session = await requests.require(request)
    const record = await stores.sessions.get(session.handle)
    return {
      ...timesOf(session),
      now: clock.now(),
      handle: session.handle,
      tokenKind: session.dpopThumbprint === null ? 'Bearer' : 'DPoP',
      dpopThumbprint: session.dpopThumbprint,
      hasRefreshToken: session.hasRefreshToken,
      sealedBytes: record === null ? 0 : sealedBytesOf(record),
      history: journal.of(session.handle),
      isBound: options.secure ? session.deviceKey !== null : null,
    }
  }

const timesOf = (session: Session) => ({
  accessToken: { issuedAt: session.accessTokenIssuedAt, expiresAt: session.accessTokenExpiresAt },
  createdAt: session.createdAt,
  lastUsedAt: session.lastAccessedAt,
  idleEndsAt: session.expiresAt,
  endsAt: session.absoluteExpiresAt,
})

function sealedBytesOf(record: SessionRecord): number {
  return SEALED_FIELDS.reduce((sum, field) => sum + (record[field]?.byteLength ?? 0), 0)
}
