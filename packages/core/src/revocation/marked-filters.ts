import type { MarkedSession } from '../contracts/session-revocation.ts'
import type { AnyOwnerFilter, SessionFilter } from '../contracts/session-store.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

const MEMBERS = [
  'userId',
  'organizationId',
  'issuer',
  'subject',
  'providerSessionId',
  'deviceId',
] as const satisfies readonly (keyof MarkedSession)[]

/** A filter may ask for sessions without one. */
const MAY_BE_NULL: ReadonlySet<string> = new Set(['issuer', 'subject'])

/** Returns the owner that a filter names, or any owner when it says so; `null` when it names none. */
export function ownerOf(filter: SessionFilter | AnyOwnerFilter): readonly string[] | null {
  const { userId, organizationId, issuer, subject, providerSessionId } = filter
  if (userId) return ['user', userId]
  if (organizationId) return ['organization', organizationId]
  if (issuer && subject) return ['subject', issuer, subject]
  if (issuer && providerSessionId) return ['sid', issuer, providerSessionId]
  return 'owner' in filter ? ['any'] : null
}

/** Returns all owners that a filter which matches the session can name. */
export function ownersOf({
  userId,
  organizationId,
  issuer,
  subject,
  providerSessionId,
}: MarkedSession): readonly (readonly string[])[] {
  return [
    ['any'],
    ['user', userId],
    ...(organizationId === null ? [] : [['organization', organizationId]]),
    ...(issuer === null || subject === null ? [] : [['subject', issuer, subject]]),
    ...(issuer === null || providerSessionId === null ? [] : [['sid', issuer, providerSessionId]]),
  ]
}

/** Returns every filter that the session would match. */
export function filtersThatMatch(session: MarkedSession): SessionFilter[] {
  const members = MEMBERS.filter((member) => MAY_BE_NULL.has(member) || session[member] !== null)
  const all: Array<Record<string, string | null>> = [{}]
  for (const member of members) all.push(...all.map((filter) => ({ ...filter, [member]: session[member] })))
  return all
}

// Both are hashed: names come from outside and may be of any length.

/** Returns the TTL store's key of the newest mark of an owner. */
export const ownerKey = async (owner: readonly unknown[]): Promise<string> =>
  `logout-owner:${await sha256Base64url(JSON.stringify(owner))}`

/** Returns the TTL store's key of the mark of a filter. */
export async function filterKey(filter: SessionFilter): Promise<string> {
  const named = MEMBERS.filter((member) => filter[member] !== undefined)
  return `logout-filter:${await sha256Base64url(JSON.stringify(named.map((member) => [member, filter[member]])))}`
}
