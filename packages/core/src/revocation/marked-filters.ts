import type { MarkedSession, RevocationCause } from '../contracts/session-revocation.ts'
import type { AnyOwnerFilter, SessionFilter } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

/** Others may write the newest time at once; who is still behind after that many rounds only refuses a sign-in too much. */
const ROUNDS = 3

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

interface Mark extends RevocationCause {
  readonly time: number
}

interface Marking {
  readonly ttl: TtlStore
  readonly lifeMs: number
  /** The time of the mark, ahead of all clocks of the app. */
  readonly time: number
  /** The key of the newest time of all marks. */
  readonly latestKey: string
  readonly ownerKey: (owner: readonly unknown[]) => Promise<string>
}

/** What `LogoutMarks.set` does. */
export async function setMark(
  filter: SessionFilter | AnyOwnerFilter,
  { reasonCode, actorType, actorId }: RevocationCause,
  { ttl, lifeMs, latestKey, ownerKey, ...ahead }: Marking,
): Promise<void> {
  const owner = ownerOf(filter)
  if (owner === null) return
  const latest = async () => Number((await ttl.get(latestKey)) ?? 0)
  const time = Math.max(ahead.time, (await latest()) + 1)
  const mark: Mark = { time, reasonCode, actorType, actorId }
  await ttl.set(await filterKey(filter), JSON.stringify(mark), lifeMs, { durable: true })
  await ttl.set(await ownerKey(owner), String(time), lifeMs, { durable: true })
  for (let round = 0; round < ROUNDS && (await latest()) < time; round++)
    await ttl.set(latestKey, String(time), lifeMs)
}

/** What `LogoutMarks.find` does for a session one of whose owners is marked. */
export async function findMark(
  ttl: TtlStore,
  session: MarkedSession,
  began: number,
): Promise<RevocationCause | null> {
  const texts = await Promise.all(
    filtersThatMatch(session).map(async (filter) => ttl.get(await filterKey(filter))),
  )
  const marks = texts.flatMap((text) => (text === null ? [] : (JSON.parse(text) as Mark)))
  const found = marks.find(({ time }) => began <= time)
  if (found === undefined) return null
  const { reasonCode, actorType, actorId } = found
  return { reasonCode, actorType, actorId }
}

/** The one member, or pair of members, that a filter must name; any owner when it says so. */
function ownerOf(filter: SessionFilter | AnyOwnerFilter) {
  const { userId, organizationId, issuer, subject, providerSessionId } = filter
  if (userId) return ['user', userId]
  if (organizationId) return ['organization', organizationId]
  if (issuer && subject) return ['subject', issuer, subject]
  if (issuer && providerSessionId) return ['sid', issuer, providerSessionId]
  return 'owner' in filter ? ['any'] : null
}

/** Every filter that the session would match. */
function filtersThatMatch(session: MarkedSession): SessionFilter[] {
  const members = MEMBERS.filter((member) => MAY_BE_NULL.has(member) || session[member] !== null)
  const all: Array<Record<string, string | null>> = [{}]
  for (const member of members) all.push(...all.map((filter) => ({ ...filter, [member]: session[member] })))
  return all
}

// Hashed: names come from outside and may be of any length.
const filterKey = async (filter: SessionFilter) => {
  const named = MEMBERS.filter((member) => filter[member] !== undefined)
  return `logout-filter:${await sha256Base64url(JSON.stringify(named.map((member) => [member, filter[member]])))}`
}
