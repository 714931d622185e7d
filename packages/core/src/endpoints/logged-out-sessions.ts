import type { LogoutTokenClaims } from '../contracts/identity-provider.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { SessionRecord } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'

/** The revocation of sessions that the provider has logged out. */
export const BY_PROVIDER = {
  reasonCode: 'backchannel_logout',
  actorType: 'provider',
  actorId: null,
} as const

type About = Pick<LogoutTokenClaims, 'issuer' | 'subject' | 'providerSessionId'>

/**
 * Returns the users, by subject, whose other sessions a logout token ends.
 *
 * A `sid` names one session, but with `allSessions` it names the session's user (LGO-10).
 *
 * @throws BffError `bad_request` when `sid` and `sub` name different people
 */
export async function reachedUsers(
  { stores }: Pick<PluginContext, 'stores'>,
  { issuer, subject, providerSessionId }: About,
  allSessions: boolean,
): Promise<readonly string[]> {
  if (providerSessionId === null) return subject === null ? [] : [subject]
  // Ended ones included: their user may have others.
  const { records } = await stores.sessions.list({ issuer, providerSessionId }, { limit: 1000 })
  const users = new Set(records.map(({ userId }) => userId))
  if (subject !== null) {
    users.delete(subject)
    if (users.size > 0) throw new BffError('bad_request', 'The logout token names a session of another user.')
    users.add(subject)
  }
  return allSessions ? [...users] : []
}

/** Ends the session that a `sid` names; returns what was ended. */
export async function endNamed(
  { ending }: Pick<PluginContext, 'ending'>,
  { issuer, subject, providerSessionId }: About,
): Promise<readonly SessionRecord[]> {
  if (providerSessionId === null) return []
  const filter = { issuer, providerSessionId, ...(subject !== null && { userId: subject }) }
  return ending.endAll(filter, BY_PROVIDER)
}

/**
 * Ends a user's sessions from `before` or earlier; returns what was ended. A late token must not end later ones (LGO-11).
 */
export async function endEarlier(
  { stores, ending }: Pick<PluginContext, 'stores' | 'ending'>,
  issuer: string,
  userId: string,
  before: number,
): Promise<readonly SessionRecord[]> {
  const ended: SessionRecord[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await stores.sessions.list({ issuer, userId }, cursor === undefined ? {} : { cursor })
    const due = page.records.filter((record) => record.revocation === null && record.createdAt <= before)
    const outcomes = await Promise.all(due.map(({ handle }) => ending.end(handle, BY_PROVIDER)))
    ended.push(...due.filter((_record, index) => outcomes[index]?.outcome === 'revoked'))
    cursor = page.next
  }
  return ended
}
