import type { Encryptor } from '../contracts/encryptor.ts'
import type {
  AccessTokens,
  Session,
  SessionHandle,
  SessionIdentity,
  SessionRecord,
  TokenTarget,
} from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { openIdentity } from './seal.ts'

export interface SessionDependencies {
  readonly encryptor: Encryptor
  /** Opens the access token of a record; `null` when it has none. */
  openAccessTokens(record: SessionRecord): AccessTokens | Promise<AccessTokens | null>
  /** Whether {@link SessionDependencies.ensureFresh} would return the record itself at once: that is most calls. */
  isFresh(record: SessionRecord): boolean
  /** Returns the record with a usable access token: unchanged, or refreshed; `null` when the session has ended. */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
  /** Returns a token for another API; `rejected` is one that the API has refused, or `null`. */
  tokensFor(record: SessionRecord, target: TokenTarget, rejected: string | null): Promise<AccessTokens>
}

/** The members that a refresh, a touch or an update changes. */
const MOVED = [
  'version',
  'organizationId',
  'deviceId',
  'metadata',
  'accessTokenIssuedAt',
  'accessTokenExpiresAt',
  'refreshTokenExpiresAt',
  'updatedAt',
  'lastAccessedAt',
  'expiresAt',
] as const satisfies ReadonlyArray<keyof Session & keyof SessionRecord>

/**
 * A record as the app sees it. Secrets are available only through methods, so that a logged session shows none.
 *
 * Field by field: leaving members out of a copy costs eighty times as much, on every request. The compiler misses a
 * field that is not here.
 */
export class LiveSession implements Session {
  readonly handle: SessionHandle
  readonly version: number
  readonly userId: string
  readonly organizationId: string | null
  readonly issuer: string | null
  readonly subject: string | null
  readonly provider: string | null
  readonly providerSessionId: string | null
  readonly deviceId: string | null
  readonly clientPublicKey: string | null
  readonly deviceKey: string | null
  readonly dpopThumbprint: string | null
  readonly accessTokenIssuedAt: number | null
  readonly accessTokenExpiresAt: number | null
  readonly refreshTokenExpiresAt: number | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly ipAddress: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastAccessedAt: number
  readonly expiresAt: number
  readonly absoluteExpiresAt: number
  readonly hasAccessToken: boolean
  readonly hasRefreshToken: boolean
  #record: SessionRecord
  readonly #dependencies: SessionDependencies

  constructor(record: SessionRecord, dependencies: SessionDependencies) {
    this.handle = record.handle
    this.version = record.version
    this.userId = record.userId
    this.organizationId = record.organizationId
    this.issuer = record.issuer
    this.subject = record.subject
    this.provider = record.provider
    this.providerSessionId = record.providerSessionId
    this.deviceId = record.deviceId
    this.clientPublicKey = record.clientPublicKey
    this.deviceKey = record.deviceKey
    this.dpopThumbprint = record.dpopThumbprint
    this.accessTokenIssuedAt = record.accessTokenIssuedAt
    this.accessTokenExpiresAt = record.accessTokenExpiresAt
    this.refreshTokenExpiresAt = record.refreshTokenExpiresAt
    this.metadata = record.metadata
    this.ipAddress = record.ipAddress
    this.userAgent = record.userAgent
    this.createdAt = record.createdAt
    this.updatedAt = record.updatedAt
    this.lastAccessedAt = record.lastAccessedAt
    this.expiresAt = record.expiresAt
    this.absoluteExpiresAt = record.absoluteExpiresAt
    this.hasAccessToken = record.accessTokenEncrypted !== null
    this.hasRefreshToken = record.refreshTokenEncrypted !== null
    this.#record = record
    this.#dependencies = dependencies
  }

  async tokens(): Promise<AccessTokens | null> {
    if (this.#record.accessTokenEncrypted === null) return null
    if (!this.#dependencies.isFresh(this.#record)) {
      const fresh = await this.#dependencies.ensureFresh(this.#record)
      if (fresh === null) throw new BffError('session_expired')
      LiveSession.adopt(this, fresh)
    }
    return this.#dependencies.openAccessTokens(this.#record)
  }

  async tokensFor(
    target: TokenTarget,
    { rejected = null }: { readonly rejected?: string | null } = {},
  ): Promise<AccessTokens | null> {
    if (this.#record.accessTokenEncrypted === null) return null
    return this.#dependencies.tokensFor(this.#record, target, rejected)
  }

  identity(): Promise<SessionIdentity> {
    return openIdentity(this.#dependencies.encryptor, this.#record)
  }

  /** A session the app has frozen goes on showing what was read; what it opens is what the record holds. */
  static adopt(session: object, record: SessionRecord): void {
    if (!(#record in session)) throw new BffError('invalid_argument', 'This is not a session of this BFF.')
    if (session.#record === record) return
    session.#record = record
    for (const field of MOVED) Reflect.set(session, field, record[field])
    Reflect.set(session, 'hasRefreshToken', record.refreshTokenEncrypted !== null)
  }

  /** Makes `session` represent `record`, where it is a session and not only its summary. */
  static follow(session: object, record: SessionRecord): void {
    if (#record in session) LiveSession.adopt(session, record)
  }

  static recordOf(session: object): SessionRecord {
    if (#record in session) return session.#record
    throw new BffError('invalid_argument', 'This is not a session of this BFF.')
  }
}

/** Makes a session object represent a newer record of the same session. */
export const adopt = LiveSession.adopt

/** As {@link adopt}, but for a summary, which stays as it is. */
export const follow = LiveSession.follow

/** Returns the record of a session object, as of its last read or refresh. */
export const recordOf = LiveSession.recordOf
