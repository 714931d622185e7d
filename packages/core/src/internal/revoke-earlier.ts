import type { PluginContext } from '../contracts/plugin.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { RevocationCause } from '../contracts/session-revocation.ts'
import type { SessionFilter } from '../contracts/session-store.ts'
import { filtersOfSubject } from './subject.ts'

/**
 * Revokes every session that a filter matches and that began at `before` or earlier; returns those it revoked. A late message of
 * a provider must not revoke later sessions (LGO-11). A filter with `issuer` and `subject` also matches the sessions whose
 * subject is their `userId`.
 *
 * Set the logout mark of the filter first: it refuses the sign-ins under way.
 *
 * @param before epoch milliseconds
 * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
 */
export async function revokeEarlier(
  { stores, sessionRevocation }: Pick<PluginContext, 'stores' | 'sessionRevocation'>,
  filter: SessionFilter,
  before: number,
  by: RevocationCause,
): Promise<readonly SessionRecord[]> {
  const revoked: SessionRecord[] = []
  for (const one of withUserIds(filter))
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await stores.sessions.list(one, cursor === undefined ? {} : { cursor })
      const due = page.records.filter((record) => record.revocation === null && record.createdAt <= before)
      const outcomes = await Promise.all(due.map(({ handle }) => sessionRevocation.revoke(handle, by)))
      revoked.push(...due.filter((_record, index) => outcomes[index]?.outcome === 'revoked'))
      cursor = page.next
    }
  return revoked
}

/** Returns the filters that together match what `filter` does, and the sessions whose subject is their `userId`. */
export function withUserIds(filter: SessionFilter): readonly SessionFilter[] {
  const { issuer, subject } = filter
  if (typeof issuer !== 'string' || typeof subject !== 'string') return [filter]
  return filtersOfSubject(issuer, subject).map((one) => ({ ...filter, ...one }))
}
