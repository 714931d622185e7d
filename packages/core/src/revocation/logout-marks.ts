import type { Clock } from '../contracts/clock.ts'
import type { LogoutMarks, RevocationCause } from '../contracts/session-revocation.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { filterKey, filtersThatMatch, ownerKey, ownerOf, ownersOf } from './marked-filters.ts'

/** How far the clocks of the app's own servers may differ. */
const OWN_CLOCKS_MS = 300_000
/** How long a callback that began in time may still wait for the provider. */
const EXCHANGE_MS = 60_000
/** The key of the newest time of all marks. */
const LATEST = 'logout-latest'
/** Others may write the newest time at once; who is still behind after that many rounds only refuses a sign-in too much. */
const ROUNDS = 3

interface Mark extends RevocationCause {
  readonly time: number
}

export function createLogoutMarks(ttl: TtlStore, clock: Clock, transactionTtlMs: number): LogoutMarks {
  const lifeMs = transactionTtlMs + EXCHANGE_MS + 2 * OWN_CLOCKS_MS

  const latest = async (): Promise<number> => Number((await ttl.get(LATEST)) ?? 0)

  async function isOwnerMarked(owner: readonly unknown[], began: number): Promise<boolean> {
    const time = await ttl.get(await ownerKey(owner))
    return time !== null && began <= Number(time)
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
      for (let round = 0; round < ROUNDS && (await latest()) < time; round++)
        await ttl.set(LATEST, String(time), lifeMs)
    },

    async find(session, began) {
      const marked = await Promise.all(ownersOf(session).map((owner) => isOwnerMarked(owner, began)))
      if (!marked.includes(true)) return null
      const texts = await Promise.all(
        filtersThatMatch(session).map(async (filter) => ttl.get(await filterKey(filter))),
      )
      const marks = texts.flatMap((text) => (text === null ? [] : (JSON.parse(text) as Mark)))
      const found = marks.find(({ time }) => began <= time)
      if (found === undefined) return null
      const { reasonCode, actorType, actorId } = found
      return { reasonCode, actorType, actorId }
    },
  }
}
