import type { MetadataSchema } from '../contracts/config-sections.ts'
import type { Emit } from '../contracts/events.ts'
import type { Session, SessionRecord } from '../contracts/session.ts'
import type { LogoutMarks, SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { RevokedBy, SessionSummary, Sessions } from '../contracts/sessions.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { generateSessionId } from './id.ts'
import { type NewRecordDependencies, newRecord } from './new-session.ts'
import { revokePage } from './revoke-page.ts'
import { rotateSession } from './rotate-session.ts'
import { updateSession } from './update-session.ts'

export interface SessionsDependencies<Metadata> extends NewRecordDependencies {
  readonly store: SessionStore
  readonly ttl: TtlStore
  readonly emit: Emit
  readonly sessionRevocation: SessionRevocation
  readonly marks: LogoutMarks
  readonly rotationGraceMs: number
  readonly maxPerUser: number
  readonly metadata: MetadataSchema<Metadata> | null
  readonly view: (record: SessionRecord) => Session<Metadata>
  readonly cookie: (id: string, absoluteExpiresAt: number) => string
}

export function createSessions<Metadata>(dependencies: SessionsDependencies<Metadata>): Sessions<Metadata> {
  const { store, clock, emit, view, cookie, sessionRevocation } = dependencies

  function summaryOf(record: SessionRecord): SessionSummary<Metadata> {
    // Methods are the prototype's: a copy holds what may be shown.
    return { ...view(record), revocation: record.revocation } as SessionSummary<Metadata>
  }

  async function create(record: SessionRecord, limits?: { readonly maxPerUser: number }) {
    const created = await store.create(record, limits)
    emit({ type: 'session.created', handle: record.handle, userId: record.userId })
    return created
  }

  async function revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary<Metadata>[]> {
    return (await sessionRevocation.revokeAll(filter, causeOf(by))).map(summaryOf)
  }

  return {
    async create(input) {
      const id = generateSessionId()
      const record = await newRecord(id, input, dependencies)
      const { maxPerUser } = dependencies
      if (maxPerUser > 0) await sessionRevocation.evicting(record, () => create(record, { maxPerUser }))
      else await create(record)
      return { session: view(record), cookie: cookie(id, record.absoluteExpiresAt) }
    },

    rotate: (session) => rotateSession(session, dependencies),
    update: (session, change) => updateSession(session, change, dependencies),
    revokePage: (filter, by, page) => revokePage(filter, causeOf(by), page, { ...dependencies, summaryOf }),

    async revoke(handle, by) {
      return (await sessionRevocation.revoke(handle, causeOf(by)))?.outcome ?? null
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

function causeOf({
  reasonCode = 'operator_revoked',
  actorType = 'operator',
  actorId = null,
}: RevokedBy = {}) {
  return { reasonCode, actorType, actorId }
}
