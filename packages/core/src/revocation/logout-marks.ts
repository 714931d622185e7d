import type { Clock } from '../contracts/clock.ts'
import type { EndedBy, LogoutMarks, MarkedSession } from '../contracts/session-ending.ts'
import type { SessionFilter } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

/** How far the clocks of the app's own servers may differ. */
export const OWN_CLOCKS_MS = 300_000
/** How long a callback that began in time may still wait for the provider. */
const EXCHANGE_MS = 60_000
const LATEST = 'logout-latest'
/** Others may write the newest time at once; who is still behind after that many rounds only refuses a sign-in too much. */
const ROUNDS = 3

const MEMBERS = [
  'userId',
  'organizationId',
  'issuer',
  'providerSessionId',
  'deviceId',
] as const satisfies readonly (keyof MarkedSession)[]

interface Mark extends EndedBy {
  readonly time: number
}

export function createLogoutMarks(ttl: TtlStore, clock: Clock, transactionTtlMs: number): LogoutMarks {
  const lifeMs = transactionTtlMs + EXCHANGE_MS + 2 * OWN_CLOCKS_MS

  async function latest(): Promise<number> {
    return Number((await ttl.get(LATEST)) ?? 0)
  }

  async function raise(time: number): Promise<void> {
    for (let round = 0; round < ROUNDS && (await latest()) < time; round++)
      await ttl.set(LATEST, String(time), lifeMs)
  }

  async function isOwnerMarked(owner: readonly unknown[], began: number): Promise<boolean> {
    const time = await ttl.get(await ownerKey(owner))
    return time !== null && began <= Number(time)
  }

  async function markOf(filter: SessionFilter, began: number): Promise<Mark | null> {
    const text = await ttl.get(await filterKey(filter))
    const mark = text === null ? null : (JSON.parse(text) as Mark)
    return mark !== null && began <= mark.time ? mark : null
  }

  return {
    async begin() {
      // When the store does not answer, it counts as an older one: refused too often, never too rarely.
      return Math.max(clock.now(), (await latest().catch(() => 0)) + 1)
    },

    async set(filter, { reasonCode, actorType, actorId }) {
      const owner = ownerOf(filter)
      if (owner === null) return
      const time = Math.max(clock.now() + OWN_CLOCKS_MS, (await latest()) + 1)
      const mark: Mark = { time, reasonCode, actorType, actorId }
      await ttl.set(await filterKey(filter), JSON.stringify(mark), lifeMs, { durable: true })
      await ttl.set(await ownerKey(owner), String(time), lifeMs, { durable: true })
      await raise(time)
    },

    async find(session, began) {
      const owners = ownersOf(session)
      const marked = await Promise.all(owners.map((owner) => isOwnerMarked(owner, began)))
      // Hardly ever: only who was signed out in the last minutes.
      if (!marked.includes(true)) return null
      const marks = await Promise.all(filtersThatMatch(session).map((filter) => markOf(filter, began)))
      const found = marks.find((mark) => mark !== null)
      if (!found) return null
      const { reasonCode, actorType, actorId } = found
      return { reasonCode, actorType, actorId }
    },
  }
}

/** The one member, or pair of members, that a filter must name. */
function ownerOf({ userId, organizationId, issuer, providerSessionId }: SessionFilter) {
  if (userId) return ['user', userId]
  if (organizationId) return ['organization', organizationId]
  return issuer && providerSessionId ? ['sid', issuer, providerSessionId] : null
}

function ownersOf({ userId, organizationId, issuer, providerSessionId }: MarkedSession) {
  return [
    ['user', userId],
    ...(organizationId === null ? [] : [['organization', organizationId]]),
    ...(issuer === null || providerSessionId === null ? [] : [['sid', issuer, providerSessionId]]),
  ]
}

/** Every filter with an owner that the session would match. */
function filtersThatMatch(session: MarkedSession): SessionFilter[] {
  const members = MEMBERS.filter((member) => member === 'issuer' || session[member] !== null)
  const all: Array<Record<string, string | null>> = [{}]
  for (const member of members) all.push(...all.map((filter) => ({ ...filter, [member]: session[member] })))
  return all.filter((filter) => ownerOf(filter) !== null)
}

// Hashed: names come from outside and may be of any length.
const ownerKey = async (owner: readonly unknown[]) =>
  `logout-owner:${await sha256Base64url(JSON.stringify(owner))}`

const filterKey = async (filter: SessionFilter) => {
  const named = MEMBERS.filter((member) => filter[member] !== undefined)
  return `logout-filter:${await sha256Base64url(JSON.stringify(named.map((member) => [member, filter[member]])))}`
}
