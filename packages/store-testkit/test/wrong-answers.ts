import type { AnyOwnerFilter, BffEvent, SessionFilter, SessionRecord } from '@bff/core'
import type { Mutant } from './mutants.ts'

/** Stores that keep the right thing, and answer with a wrong one; or that forget a part of what they were asked. */
export const WRONG_ANSWERS: readonly Mutant[] = [
  {
    fault: 'update answers with the record from before',
    laws: ['SS-04'],
    sessions: (inner) => ({
      update: async (handle, patch, ifVersion) => {
        const before = await inner.get(handle)
        return (await inner.update(handle, patch, ifVersion)) && before
      },
    }),
  },
  {
    fault: 'revoke answers with the record from before',
    laws: ['SS-11', 'SS-29'],
    sessions: (inner) => ({
      revoke: async (handle, revocation) => {
        const before = await inner.get(handle)
        const found = await inner.revoke(handle, revocation)
        return found && { ...found, record: before ?? found.record }
      },
    }),
  },
  {
    fault: 'touch counts as a version',
    laws: ['SS-09'],
    sessions: (inner) => ({
      touch: async (handle, at, expiresAt) => {
        const touched = await inner.touch(handle, at, expiresAt)
        const record = touched ? await inner.get(handle) : null
        if (record) await inner.update(handle, { updatedAt: record.updatedAt }, record.version)
        return touched
      },
    }),
  },
  {
    fault: 'a session is kept for 30 days at most',
    laws: ['SS-27'],
    sessions: (inner) => ({
      get: async (handle) => {
        const record = await inner.get(handle)
        return record && record.lastAccessedAt < record.expiresAt - 30 * DAY_MS ? null : record
      },
    }),
  },
  {
    fault: 'an open client outlives close',
    laws: ['SS-25'],
    sessions: () => ({ close: async () => {} }),
  },
  {
    fault: 'countActive counts the revoked',
    laws: ['SS-18'],
    sessions: (inner) => ({
      countActive: async (filter, now) => {
        const { records } = await inner.list(filter)
        return records.filter((record) => endOf(record) >= now).length
      },
    }),
  },
  {
    fault: 'the last page says that there is more',
    laws: ['SS-16'],
    sessions: (inner) => ({
      list: async (filter, page) => {
        const found = await inner.list(filter, page)
        return { ...found, next: found.next ?? page?.cursor ?? null }
      },
    }),
  },
  {
    fault: 'a page of one is a page of two',
    laws: ['SS-16'],
    sessions: (inner) => ({
      list: (filter, page) => inner.list(filter, page?.limit === 1 ? { ...page, limit: 2 } : page),
    }),
  },
  {
    fault: 'revokeAll returns the oldest first',
    laws: ['SS-19'],
    sessions: (inner) => ({
      revokeAll: async (filter, revocation, onRevoked) => {
        const outcome = await inner.revokeAll(filter, revocation, onRevoked)
        return { ...outcome, records: [...outcome.records].reverse() }
      },
    }),
  },
  {
    fault: 'revokeAll revokes the excepted session',
    laws: ['SS-19'],
    sessions: (inner) => ({
      revokeAll: ({ exceptHandle: _, ...filter }, revocation, onRevoked) =>
        inner.revokeAll(filter, revocation, onRevoked),
    }),
  },
  {
    fault: 'revokeAll tells nobody which sessions it has revoked',
    laws: ['SS-34'],
    sessions: (inner) => ({ revokeAll: (filter, revocation) => inner.revokeAll(filter, revocation) }),
  },
  {
    fault: 'revokeAll tells of each session that it finds',
    laws: ['SS-34'],
    sessions: (inner) => ({
      revokeAll: async (filter, revocation, onRevoked) => {
        const { records } = await inner.list(filter)
        if (onRevoked) for (const record of records) onRevoked(record)
        return inner.revokeAll(filter, revocation)
      },
    }),
  },
  {
    fault: 'deleteAll counts at most one',
    laws: ['SS-20'],
    sessions: (inner) => ({ deleteAll: async (filter) => Math.min(1, await inner.deleteAll(filter)) }),
  },
  {
    fault: 'cleanup never says that there is more',
    laws: ['SS-21'],
    sessions: (inner) => ({
      cleanup: async (options) => ({ ...(await inner.cleanup(options)), more: false }),
    }),
  },
  {
    fault: "revokeAll and deleteAll take owner: 'any'",
    laws: ['SS-17'],
    sessions: (inner) => ({
      revokeAll: (filter, revocation, onRevoked) =>
        inner.revokeAll(withoutOwner(filter), revocation, onRevoked),
      deleteAll: (filter) => inner.deleteAll(withoutOwner(filter)),
    }),
  },
  {
    fault: 'the walk over all sessions passes over the ended',
    laws: ['SS-32'],
    sessions: (inner) => ({
      list: async (filter, page) => {
        const found = await inner.list(filter, page)
        if (!('owner' in filter)) return found
        return { ...found, records: found.records.filter(({ revocation }) => revocation === null) }
      },
    }),
  },
  {
    fault: 'the walk over all sessions goes by their ends',
    laws: ['SS-32'],
    sessions: (inner) => ({
      list: async (filter, page = {}) => {
        if (!('owner' in filter)) return inner.list(filter, page)
        const { records: all } = await inner.list(filter, { limit: 1000 })
        const position = (record: SessionRecord) => `${endOf(record)} ${record.handle}`
        const behind = [...all]
          .sort((a, b) => (position(a) < position(b) ? -1 : 1))
          .filter((record) => page.cursor === undefined || position(record) > page.cursor)
        const records = behind.slice(0, page.limit)
        const last = records.at(-1)
        return { records, next: behind.length > records.length && last ? position(last) : null }
      },
    }),
  },
  {
    fault: "owner: 'any' is not narrowed by an issuer",
    laws: ['SS-32'],
    sessions: (inner) => ({
      list: (filter, page) => {
        if (!('owner' in filter)) return inner.list(filter, page)
        const { issuer: _, ...others } = filter
        return inner.list(others, page)
      },
    }),
  },
  {
    fault: "countActive with owner: 'any' counts the ended",
    laws: ['SS-33'],
    sessions: (inner) => ({
      countActive: async (filter, now) =>
        'owner' in filter
          ? (await inner.list(filter, { limit: 1000 })).records.length
          : inner.countActive(filter, now),
    }),
  },
  {
    fault: 'evicted sessions are not named',
    laws: ['SS-22'],
    sessions: (inner) => ({
      create: async (record, limits) => {
        await inner.create(record, limits)
        return { evicted: [] }
      },
    }),
  },
  {
    fault: 'extend stores a value that was not there',
    laws: ['TS-05'],
    ttl: (inner) => ({
      extend: async (key, value, ttlMs) =>
        (await inner.extend(key, value, ttlMs)) || (await inner.setIfAbsent(key, value, ttlMs)),
    }),
  },
  {
    fault: 'a life of zero is a moment',
    laws: ['TS-07'],
    ttl: (inner) => ({
      set: (key, value, ttlMs, options) => inner.set(key, value, Math.max(1, ttlMs), options),
    }),
  },
  {
    fault: 'a handler that throws hears no more',
    laws: ['EB-04'],
    events: (inner) => ({
      subscribe: async (topic, handler) => {
        let isOver = false
        return inner.subscribe(topic, (event) => {
          if (isOver) return undefined
          isOver = true
          // The contract's type says that it returns nothing, and it may be an async function all the same.
          const heard: unknown = (handler as (event: BffEvent) => unknown)(event)
          isOver = false
          return heard as undefined
        })
      },
    }),
  },
  {
    fault: 'two events arrive in the wrong order',
    laws: ['EB-01'],
    events: (inner) => {
      let held: (() => Promise<void>) | null = null
      return {
        publish: async (topic, event) => {
          const [first, second] = [held, () => inner.publish(topic, event)]
          held = first === null ? second : null
          if (first === null) return
          await second()
          await first()
        },
      }
    },
  },
]

const DAY_MS = 86_400_000

function withoutOwner(filter: SessionFilter | AnyOwnerFilter): SessionFilter {
  const { owner: _, ...others } = { owner: 'any', ...filter }
  return others
}

function endOf({ expiresAt, absoluteExpiresAt, refreshTokenExpiresAt }: SessionRecord): number {
  return Math.min(expiresAt, absoluteExpiresAt, refreshTokenExpiresAt ?? absoluteExpiresAt)
}
