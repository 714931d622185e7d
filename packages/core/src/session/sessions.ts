import type { MetadataSchema } from '../contracts/config.ts'
import type { Emit } from '../contracts/events.ts'
import type { Session, SessionRecord } from '../contracts/session.ts'
import type { SessionEnding } from '../contracts/session-ending.ts'
import type { SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { RevokedBy, SessionSummary, Sessions } from '../contracts/sessions.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { BffError } from '../internal/bff-error.ts'
import { generateSessionId, rememberPrevious, secretHashOf, splitSessionId } from './id.ts'
import { recordOf } from './live-session.ts'
import { type NewRecordDependencies, newRecord } from './new-session.ts'
import { resealStale } from './seal.ts'

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
      throw new BffError('session_conflict', 'The session changed during the rotation. Rotate it again.')
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
