import type { Clock } from '../clock.ts'
import type { MetadataSchema } from '../config.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import { sha256Base64url } from '../crypto/hash.ts'
import { BffError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { TokenSet } from '../provider/identity-provider.ts'
import { accessTokenTimes } from '../refresh/token-times.ts'
import type { Page, RevokeOutcome, SessionFilter, SessionStore } from '../store/session-store.ts'
import { WIPED } from '../store/wiped.ts'
import type { SessionEnding } from './ending.ts'
import { generateSessionId, splitSessionId } from './id.ts'
import { idleExpiry } from './lifetime.ts'
import type { Claims, Revocation, Session, SessionHandle, SessionRecord } from './model.ts'
import { resealStale, sealIdentity, sealTokens } from './seal.ts'
import { recordOf } from './session.ts'

/** What a new session is made of (S1-18). */
export interface NewSession {
  /** The user's id: with `issuer`, the key of everything about them (BFF-23). 1 to 255 characters. */
  readonly userId: string
  readonly issuer?: string | null
  /** Tokens to keep behind the cookie; absent when the app needs none. */
  readonly tokens?: Pick<TokenSet, 'accessToken'> & Partial<TokenSet>
  readonly claims?: Claims
  readonly sessionState?: string | null
  /** The provider's `sid`. */
  readonly providerSessionId?: string | null
  readonly organizationId?: string | null
  readonly deviceId?: string | null
  readonly clientPublicKey?: string | null
  /** JSON object of the app's own; not sealed. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Cut to 45 characters. */
  readonly ipAddress?: string | null
  /** Cut to 500 characters. */
  readonly userAgent?: string | null
}

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
   * Ends one session, and its refresh token at the provider; the first revocation stands. `null` when there is no
   * such session.
   *
   * @throws BffError `store_unavailable`
   */
  revoke(handle: SessionHandle, by?: RevokedBy): Promise<RevokeOutcome['outcome'] | null>
  /** Ends every other active session of the same user: "sign out everywhere else". As {@link revokeAll}. */
  revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * Ends every active session a filter matches, and their refresh tokens at the provider. What was ended, newest
   * first; empty when there was nothing.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
   */
  revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]>
  /** How many sessions of a user are neither revoked nor expired. */
  countActive(userId: string): Promise<number>
  /** Newest first, expired and revoked ones included. */
  list(filter: SessionFilter, page?: Page): Promise<{ sessions: SessionSummary[]; next: string | null }>
}

export interface SessionsDependencies<Metadata> {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  readonly ending: SessionEnding
  readonly idleTimeoutMs: number
  readonly absoluteTimeoutMs: number
  readonly rotationGraceMs: number
  readonly maxPerUser: number
  readonly defaultTokenLifeMs: number
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

  async function revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]> {
    return (await ending.endAll(filter, endedBy(by))).map(summaryOf)
  }

  return {
    async create(input) {
      const id = generateSessionId()
      const record = await newRecord(id, input, dependencies)
      const { handle, userId } = record
      const { evicted } = await store.create(
        record,
        dependencies.maxPerUser > 0 ? { maxPerUser: dependencies.maxPerUser } : undefined,
      )
      emit({ type: 'session.created', handle, userId })
      for (const other of evicted)
        emit({
          type: 'session.revoked',
          handle: other,
          userId,
          reasonCode: 'session_limit',
          actorType: 'system',
        })
      return { session: view(record), cookie: cookie(id, record.absoluteExpiresAt) }
    },

    async rotate(session) {
      const { handle, userId } = session
      let record: SessionRecord | null = recordOf(session as Session)
      for (let attempt = 0; attempt < ROTATE_ATTEMPTS && record !== null; attempt++) {
        if (record.revocation !== null) return null
        const id = handle + generateSessionId().slice(handle.length)
        const now = clock.now()
        const rotated = await store.update(
          handle,
          {
            ...(await resealStale(dependencies.encryptor, record)),
            secretHash: await sha256Base64url(splitSessionId(id).secret),
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
      return revokeAll({ userId, ...(issuer !== null && { issuer }), exceptHandle: handle }, by)
    },

    revokeAll,

    countActive: (userId) => store.countActive(userId, clock.now()),

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

async function newRecord<Metadata>(
  id: string,
  input: NewSession,
  dependencies: SessionsDependencies<Metadata>,
): Promise<SessionRecord> {
  const { encryptor, clock } = dependencies
  const { handle, secret } = splitSessionId(id)
  if (input.userId.length === 0 || input.userId.length > 255)
    throw new BffError('invalid_argument', 'userId must have 1 to 255 characters.')

  const now = clock.now()
  const { tokens } = input
  const identity = {
    claims: input.claims ?? {},
    scope: tokens?.scope ?? null,
    sessionState: input.sessionState ?? null,
  }
  const sealed = tokens
    ? await sealTokens(encryptor, handle, {
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? null,
        idToken: tokens.idToken ?? null,
        dpopKeyPair: tokens.dpopKeyPair ?? null,
      })
    : { ...WIPED, dpopThumbprint: null }
  const times = {
    ...accessTokenTimes(tokens ?? null, dependencies.defaultTokenLifeMs, now),
    absoluteExpiresAt: now + dependencies.absoluteTimeoutMs,
  }
  return {
    handle,
    version: 1,
    secretHash: await sha256Base64url(secret),
    previousSecretHash: null,
    previousSecretUntil: null,
    userId: input.userId,
    organizationId: input.organizationId ?? null,
    issuer: input.issuer ?? null,
    providerSessionId: input.providerSessionId ?? null,
    deviceId: input.deviceId ?? null,
    clientPublicKey: input.clientPublicKey ?? null,
    ...sealed,
    claimsEncrypted: await sealIdentity(encryptor, handle, identity),
    ...times,
    metadata: await validMetadata(input.metadata ?? {}, dependencies.metadata),
    ipAddress: input.ipAddress?.slice(0, 45) ?? null,
    userAgent: input.userAgent?.slice(0, 500) ?? null,
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: idleExpiry(times, dependencies.idleTimeoutMs, now),
    revocation: null,
  }
}

async function validMetadata(
  value: Readonly<Record<string, unknown>>,
  schema: MetadataSchema<unknown> | null,
): Promise<Readonly<Record<string, unknown>>> {
  if (schema === null) return value
  const result = await schema['~standard'].validate(value)
  if (result.issues !== undefined)
    throw new BffError(
      'invalid_argument',
      `The session metadata is not valid: ${result.issues.map((issue) => issue.message).join('; ')}`,
    )
  return result.value as Readonly<Record<string, unknown>>
}
