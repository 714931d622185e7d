import type { MetadataSchema } from '../config.ts'
import { BffError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Page, RevokeOutcome, SessionFilter, SessionStore } from '../store/session-store.ts'
import type { TtlStore } from '../store/ttl-store.ts'
import type { SessionEnding } from './ending.ts'
import { generateSessionId, splitSessionId } from './id.ts'
import type { Revocation, Session, SessionHandle, SessionRecord } from './model.ts'
import { type NewRecordDependencies, type NewSession, newRecord } from './new-session.ts'
import { rememberPrevious } from './rotation.ts'
import { resealStale } from './seal.ts'
import { secretHashOf } from './secret-hash.ts'
import { recordOf } from './session.ts'

/** A session together with the `Set-Cookie` value that hands its id to the browser. */
export interface IssuedSession<Metadata> {
  readonly session: Session<Metadata>
  readonly cookie: string
}

/** A session in a list: what is safe to show, and whether it was revoked. */
export type SessionSummary = Omit<Session, 'tokens' | 'identity'> & { readonly revocation: Revocation | null }

/** Who ends a session and why. */
export interface RevokedBy {
  /** @default `operator_revoked` */
  readonly reasonCode?: string
  /** @default `operator` */
  readonly actorType?: string
  /** @default null */
  readonly actorId?: string | null
}

/** Sessions as things to make, rotate, list and end; for sign-in code and for operators. */
export interface Sessions<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Stores a new session. The app sends `cookie` as a `set-cookie` header.
   *
   * @throws BffError `invalid_argument`, `store_full`, `store_unavailable`
   */
  create(session: NewSession): Promise<IssuedSession<Metadata>>
  /**
   * Gives the session a new secret, after a step-up or a change of privilege; the old cookie is honoured for the
   * configured grace. `null` when the session has ended.
   */
  rotate(session: Session<Metadata>): Promise<IssuedSession<Metadata> | null>
  /**
   * Ends one session; the first revocation stands. `null` when there is no such session. Its refresh token is revoked at
   * the provider in the background, as `logout.revokeTokens` says.
   *
   * @throws BffError `store_unavailable`
   */
  revoke(handle: SessionHandle, by?: RevokedBy): Promise<RevokeOutcome['outcome'] | null>
  /** Ends every other active session of the same user at the same issuer: "sign out everywhere else". As {@link revokeAll}. */
  revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * Ends every active session a filter matches. What was ended, newest first; empty when there was nothing. A sign-in
   * under way that would make one more is refused when it arrives.
   *
   * @throws BffError `invalid_argument` for a filter without an owner; `store_unavailable`, also when the sessions have ended
   * and sign-ins under way could not be reached
   */
  revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * How many of the sessions a filter matches are neither revoked nor expired.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
   */
  countActive(filter: SessionFilter): Promise<number>
  /** Newest first, expired and revoked ones included. */
  list(filter: SessionFilter, page?: Page): Promise<{ sessions: SessionSummary[]; next: string | null }>
}

export interface SessionsDependencies<Metadata> extends NewRecordDependencies {
  readonly store: SessionStore
  readonly ttl: TtlStore
  readonly emit: Emit
  readonly ending: SessionEnding
  readonly rotationGraceMs: number
  readonly maxPerUser: number
  readonly metadata: MetadataSchema<Metadata> | null
  readonly view: (record: SessionRecord) => Session<Metadata>
  readonly cookie: (id: string, absoluteExpiresAt: number) => string
}

/** Concurrent writers of one session are few: past this many lost races something else is wrong. */
const ROTATE_ATTEMPTS = 5

export function createSessions<Metadata>(dependencies: SessionsDependencies<Metadata>): Sessions<Metadata> {
  const { store, clock, emit, view, cookie, ending } = dependencies

  function summaryOf(record: SessionRecord): SessionSummary {
    // Methods are the prototype's: a copy holds what may be shown.
    return { ...view(record), revocation: record.revocation } as SessionSummary
  }

  async function create(record: SessionRecord, limits?: { readonly maxPerUser: number }) {
    const created = await store.create(record, limits)
    emit({ type: 'session.created', handle: record.handle, userId: record.userId })
    return created
  }

  async function revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]> {
    return (await ending.endAll(filter, endedBy(by))).map(summaryOf)
  }

  return {
    async create(input) {
      const id = generateSessionId()
      const record = await newRecord(id, input, dependencies)
      const { maxPerUser } = dependencies
      if (maxPerUser > 0) await ending.evicting(record, () => create(record, { maxPerUser }))
      else await create(record)
      return { session: view(record), cookie: cookie(id, record.absoluteExpiresAt) }
    },

    async rotate(session) {
      const { handle, userId } = session
      let record: SessionRecord | null = recordOf(session as Session)
      for (let attempt = 0; attempt < ROTATE_ATTEMPTS && record !== null; attempt++) {
        if (record.revocation !== null) return null
        const id = handle + generateSessionId().slice(handle.length)
        const now = clock.now()
        await rememberPrevious(dependencies.ttl, record, now)
        const rotated = await store.update(
          handle,
          {
            ...(await resealStale(dependencies.encryptor, record)),
            secretHash: await secretHashOf(dependencies.encryptor, splitSessionId(id).secret, record),
            previousSecretHash: record.secretHash,
            previousSecretUntil: now + dependencies.rotationGraceMs,
            updatedAt: now,
          },
          record.version,
        )
        if (rotated !== null) {
          emit({ type: 'session.rotated', handle, userId })
          return { session: view(rotated), cookie: cookie(id, rotated.absoluteExpiresAt) }
        }
        record = await store.get(handle)
      }
      if (record === null) return null
      throw new BffError('session_conflict', 'The session kept changing. Rotate it again.')
    },

    async revoke(handle, by) {
      return (await ending.end(handle, endedBy(by)))?.outcome ?? null
    },

    revokeOthers({ userId, issuer, handle }, by) {
      return revokeAll({ userId, issuer, exceptHandle: handle }, by)
    },

    revokeAll,

    countActive: (filter) => store.countActive(filter, clock.now()),

    async list(filter, page) {
      const { records, next } = await store.list(filter, page)
      return { sessions: records.map(summaryOf), next }
    },
  }
}

function endedBy({
  reasonCode = 'operator_revoked',
  actorType = 'operator',
  actorId = null,
}: RevokedBy = {}) {
  return { reasonCode, actorType, actorId }
}
