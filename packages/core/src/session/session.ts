import type { Encryptor } from '../crypto/encryptor.ts'
import { BffError } from '../errors.ts'
import type { Session, SessionRecord } from './model.ts'
import { openAccessTokens, openIdentity } from './seal.ts'

export interface SessionDependencies {
  readonly encryptor: Encryptor
  /** The record with a usable access token: as it is, or refreshed; `null` when the session has ended. */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
}

const records = new WeakMap<object, SessionRecord>()

/** The record a session object stands for, as of its last read or refresh. */
export function recordOf(session: Session): SessionRecord {
  const record = records.get(session)
  if (record === undefined) throw new BffError('invalid_argument', 'This is not a session of this BFF.')
  return record
}

/** A record as the app sees it. Secrets stay behind calls, so that logging a session shows none. */
export function createSession(initial: SessionRecord, dependencies: SessionDependencies): Session {
  const {
    secretHash: _secretHash,
    previousSecretHash: _previousSecretHash,
    previousSecretUntil: _previousSecretUntil,
    accessTokenEncrypted,
    refreshTokenEncrypted,
    idTokenEncrypted: _idTokenEncrypted,
    claimsEncrypted: _claimsEncrypted,
    dpopKeyPairEncrypted: _dpopKeyPairEncrypted,
    revocation: _revocation,
    ...visible
  } = initial
  const session: Session = {
    ...visible,
    hasAccessToken: accessTokenEncrypted !== null,
    hasRefreshToken: refreshTokenEncrypted !== null,
    async tokens() {
      const current = recordOf(session)
      if (current.accessTokenEncrypted === null) return null
      const fresh = await dependencies.ensureFresh(current)
      if (fresh === null) throw new BffError('session_expired')
      records.set(session, fresh)
      return openAccessTokens(dependencies.encryptor, fresh)
    },
    identity: () => openIdentity(dependencies.encryptor, recordOf(session)),
  }
  records.set(session, initial)
  return session
}
