import type { LogoutTokenClaims } from '../contracts/identity-provider.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { SessionRecord } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { filtersOfSubject, subjectOf } from '../internal/subject.ts'

/** The revocation of sessions that the provider has logged out. */
export const BY_PROVIDER = {
  reasonCode: 'backchannel_logout',
  actorType: 'provider',
  actorId: null,
} as const

type About = Pick<LogoutTokenClaims, 'issuer' | 'subject' | 'providerSessionId'>

/**
 * Returns the subjects whose other sessions a logout token ends.
 *
 * A `sid` names one session, but with `allSessions` it names the session's subject (LGO-10).
 *
 * @throws BffError `bad_request` when `sid` and `sub` name different people
 */
export async function reachedSubjects(
  { stores }: Pick<PluginContext, 'stores'>,
  { issuer, subject, providerSessionId }: About,
  allSessions: boolean,
): Promise<readonly string[]> {
  if (providerSessionId === null) return subject === null ? [] : [subject]
  // Ended ones included: their user may have others.
  const { records } = await stores.sessions.list({ issuer, providerSessionId }, { limit: 1000 })
  const subjects = new Set(records.map(subjectOf))
  if (subject !== null) {
    subjects.delete(subject)
    if (subjects.size > 0)
      throw new BffError('bad_request', 'The logout token names a session of another user.')
    subjects.add(subject)
  }
  return allSessions ? [...subjects] : []
}

/** Revokes the session that a `sid` names; returns what was revoked. */
export async function revokeNamed(
  { sessionRevocation }: Pick<PluginContext, 'sessionRevocation'>,
  { issuer, subject, providerSessionId }: About,
): Promise<readonly SessionRecord[]> {
  if (providerSessionId === null) return []
  if (subject === null) return sessionRevocation.revokeAll({ issuer, providerSessionId }, BY_PROVIDER)
  const revoked: SessionRecord[] = []
  for (const filter of filtersOfSubject(issuer, subject))
    revoked.push(...(await sessionRevocation.revokeAll({ ...filter, providerSessionId }, BY_PROVIDER)))
  return revoked
}
