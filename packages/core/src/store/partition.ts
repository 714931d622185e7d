import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import { SESSION_FIELDS } from '../contracts/session-fields.ts'
import type {
  AnyOwnerFilter,
  Page,
  SessionFilter,
  SessionPage,
  SessionStore,
} from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { attachTo } from '../internal/attachment.ts'
import { BffError } from '../internal/bff-error.ts'
import { isActive } from '../internal/lifetime.ts'
import { readHandlePage } from './cursor.ts'
import { delegate, delegateTtl } from './delegate.ts'
import { isOfAnyOwner, requireOwner } from './filter.ts'

/** The members by which sessions are found, so that two applications could find each other's. */
const OWNERS = ['userId', 'organizationId', 'subject', 'providerSessionId'] as const
type Owned = Partial<Pick<SessionRecord, (typeof OWNERS)[number]>>

const MAX_OWNER = SESSION_FIELDS.userId.max

/**
 * Returns a partition of the same stores for one application. Other applications on the same backend, each with its own
 * name, do not see or end its sessions, short-lived values and events, even if ids and handles are the same.
 *
 * The store holds handles, users, organizations and provider sessions with the name as a prefix, so it costs no read. A user
 * id may then have 254 characters, minus those of the name. `cleanup` works on all partitions.
 *
 * `close` closes only this partition. Close the shared stores yourself with `stores.sessions.close()`, when no partition
 * needs them any more.
 *
 * @param name 1 to 32 letters, digits and hyphens; it must never change
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { withPartition } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const shared = memoryStore()
 * export const shop = withPartition(shared, 'shop')
 * export const admin = withPartition(shared, 'admin')
 * ```
 */
export function withPartition(stores: Stores, name: string): Stores {
  if (!/^[A-Za-z0-9-]{1,32}$/.test(name))
    throw new BffError(
      'invalid_config',
      'withPartition: name must be 1 to 32 letters, digits and hyphens, such as shop.',
    )
  // No name has it, so no name with it begins another one.
  const prefix = `${name}_`
  const part = openPart(stores)
  return {
    sessions: sessionsIn(part.sessions, prefix),
    ttl: ttlIn(part.ttl, prefix),
    events: eventsIn(part.events, prefix),
  }
}

/** The shared stores, with a `close` that refuses further calls and ends the subscriptions made through it. */
function openPart({ sessions, ttl, events }: Stores): Stores {
  let closed = false
  const subscriptions = new Set<() => Promise<void>>()
  const refuseClosed = (): void => {
    if (closed)
      throw new BffError('store_unavailable', 'This partition of the store is closed. Open it again.')
  }
  return {
    sessions: {
      ...delegate(sessions, refuseClosed),
      async close() {
        closed = true
        await Promise.all([...subscriptions].map((unsubscribe) => unsubscribe()))
      },
    },
    ttl: delegateTtl(ttl, refuseClosed),
    events: {
      publish: async (topic, event) => {
        refuseClosed()
        await events.publish(topic, event)
      },
      async subscribe(topic, handler) {
        refuseClosed()
        const end = await events.subscribe(topic, handler)
        const unsubscribe = async () => {
          subscriptions.delete(unsubscribe)
          await end()
        }
        subscriptions.add(unsubscribe)
        // It was closed while the subscription was being made.
        if (closed) await unsubscribe()
        return unsubscribe
      },
      ...attachTo(events),
    },
  }
}

const bare = <T extends string>(value: T, prefix: string) => value.slice(prefix.length) as T

function owned<T extends Owned>(from: T, change: (value: string) => string): T {
  const changed: Partial<Record<keyof Owned, string>> = {}
  for (const field of OWNERS) {
    const value = from[field]
    if (typeof value === 'string') changed[field] = change(value)
  }
  return { ...from, ...changed }
}

function sessionsIn(sessions: SessionStore, prefix: string): SessionStore {
  const inside = (handle: SessionHandle) => (prefix + handle) as SessionHandle
  const ownedInside = <T extends Owned>(from: T): T =>
    owned(from, (value) => {
      if (prefix.length + value.length <= MAX_OWNER) return prefix + value
      throw new BffError(
        'invalid_argument',
        `In this partition, ids of users, organizations and provider sessions may have ${MAX_OWNER - prefix.length} characters.`,
      )
    })
  const outside = (record: SessionRecord): SessionRecord => ({
    ...owned(record, (value) => bare(value, prefix)),
    handle: bare(record.handle, prefix),
  })
  const filterInside = ({ exceptHandle, ...filter }: SessionFilter): SessionFilter => {
    return {
      ...ownedInside(filter),
      ...(exceptHandle !== undefined && { exceptHandle: inside(exceptHandle) }),
    }
  }

  /** A page with a record of this partition, or the last one. Its cursor names no session of another partition. */
  async function listAnyOwner(filter: AnyOwnerFilter, page?: Page): Promise<SessionPage> {
    const { limit, after } = readHandlePage(page)
    for (let cursor = after === null ? null : (inside(after) as string); ; ) {
      const found = await sessions.list(
        { ...filterInside(filter), owner: 'any' },
        { limit, ...(cursor !== null && { cursor }) },
      )
      const records = found.records.filter(({ handle }) => handle.startsWith(prefix)).map(outside)
      const last = records.at(-1)
      if (found.next === null) return { records, next: null }
      if (last !== undefined) return { records, next: last.handle }
      cursor = found.next
    }
  }

  return {
    async create(record, limits) {
      const { evicted } = await sessions.create(
        { ...ownedInside(record), handle: inside(record.handle) },
        limits,
      )
      return { evicted: evicted.map((handle) => bare(handle, prefix)) }
    },
    async get(handle) {
      const record = await sessions.get(inside(handle))
      return record && outside(record)
    },
    async update(handle, patch, ifVersion) {
      const record = await sessions.update(inside(handle), ownedInside(patch), ifVersion)
      return record && outside(record)
    },
    touch: (handle, at, expiresAt) => sessions.touch(inside(handle), at, expiresAt),
    async revoke(handle, revocation) {
      const found = await sessions.revoke(inside(handle), revocation)
      return found && { outcome: found.outcome, record: outside(found.record) }
    },
    delete: (handle) => sessions.delete(inside(handle)),
    async list(filter, page) {
      if (isOfAnyOwner(filter)) return listAnyOwner(filter, page)
      const { records, next } = await sessions.list(filterInside(filter), page)
      return { records: records.map(outside), next }
    },
    async countActive(filter, now) {
      if (!isOfAnyOwner(filter)) return sessions.countActive(filterInside(filter), now)
      let active = 0
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await listAnyOwner(filter, { limit: 1000, ...(cursor !== undefined && { cursor }) })
        active += page.records.filter((record) => isActive(record, now)).length
        cursor = page.next
      }
      return active
    },
    async revokeAll(filter, revocation, onRevoked) {
      requireOwner(filter)
      const { outcome, records } = await sessions.revokeAll(
        filterInside(filter),
        revocation,
        onRevoked && ((record) => onRevoked(outside(record))),
      )
      return { outcome, records: records.map(outside) }
    },
    async deleteAll(filter) {
      requireOwner(filter)
      return sessions.deleteAll(filterInside(filter))
    },
    cleanup: (options) => sessions.cleanup(options),
    ping: () => sessions.ping(),
    close: () => sessions.close(),
    ...attachTo(sessions),
  }
}

function ttlIn(ttl: TtlStore, prefix: string): TtlStore {
  return {
    set: (key, value, ttlMs, options) => ttl.set(prefix + key, value, ttlMs, options),
    get: (key) => ttl.get(prefix + key),
    setIfAbsent: (key, value, ttlMs) => ttl.setIfAbsent(prefix + key, value, ttlMs),
    take: (key) => ttl.take(prefix + key),
    extend: (key, value, ttlMs) => ttl.extend(prefix + key, value, ttlMs),
    compareAndDelete: (key, value) => ttl.compareAndDelete(prefix + key, value),
    ...attachTo(ttl),
  }
}

function eventsIn(events: EventBus, prefix: string): EventBus {
  const renamed = (event: BffEvent, change: (value: string) => string): BffEvent =>
    'handle' in event ? { ...event, handle: change(event.handle) as SessionHandle } : event
  return {
    publish: (topic, event) =>
      events.publish(
        topic,
        renamed(event, (value) => prefix + value),
      ),
    subscribe: (topic, handler) =>
      events.subscribe(topic, (event) => {
        if ('handle' in event && event.handle.startsWith(prefix))
          return handler(renamed(event, (value) => bare(value, prefix)))
      }),
    ...attachTo(events),
  }
}
