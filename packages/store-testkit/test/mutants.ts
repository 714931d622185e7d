import {
  BffError,
  type BffEvent,
  type EventBus,
  isBffError,
  isExpired,
  type SessionFilter,
  type SessionRecord,
  type SessionStore,
  type Stores,
  type TtlStore,
} from '@bff/core'
import { handle, session } from '../src/fixtures.ts'
import { WRONG_ANSWERS } from './wrong-answers.ts'

/** A store with one fault, and the laws that must see it. */
export interface Mutant {
  readonly fault: string
  readonly laws: readonly string[]
  readonly sessions?: (inner: SessionStore) => Partial<SessionStore>
  readonly ttl?: (inner: TtlStore) => Partial<TtlStore>
  readonly events?: (inner: EventBus) => Partial<EventBus>
}

export function mutate(mutant: Mutant, { sessions, ttl, events }: Stores): Stores {
  return {
    sessions: override(sessions, mutant.sessions?.(sessions)),
    ttl: override(ttl, mutant.ttl?.(ttl)),
    events: override(events, mutant.events?.(events)),
  }
}

function override<T extends object>(inner: T, over: Partial<T> = {}): T {
  return new Proxy(inner, {
    get: (target, key) => {
      const member: unknown = Reflect.get(key in over ? over : target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

export const MUTANTS: readonly Mutant[] = [
  ...WRONG_ANSWERS,
  {
    fault: 'create overwrites',
    laws: ['SS-02', 'SS-14'],
    sessions: (inner) => ({
      create: async (record, limits) => {
        await inner.delete(record.handle)
        return inner.create(record, limits)
      },
    }),
  },
  {
    fault: 'bytes are kept as text',
    laws: ['SS-01', 'SS-04', 'SS-08'],
    sessions: (inner) => ({
      get: async (handle) => {
        const record = await inner.get(handle)
        const text = new TextDecoder().decode(record?.accessTokenEncrypted ?? undefined)
        return record && { ...record, accessTokenEncrypted: new TextEncoder().encode(text) }
      },
    }),
  },
  {
    fault: 'handles lose their case',
    laws: ['SS-03'],
    sessions: (inner) => ({
      create: (record, limits) =>
        inner.create({ ...record, handle: handle(record.handle.toLowerCase()) }, limits),
      get: (name) => inner.get(handle(name.toLowerCase())),
    }),
  },
  {
    fault: 'update is read, then write',
    laws: ['SS-08', 'SS-09', 'SS-14', 'SS-29'],
    sessions: (inner) => ({
      update: async (handle, patch, ifVersion) => {
        const record = await inner.get(handle)
        if (record?.version !== ifVersion || record.revocation !== null) return null
        return replace(inner, { ...record, ...patch, version: ifVersion + 1 })
      },
    }),
  },
  {
    fault: 'update ignores the version',
    laws: ['SS-05'],
    sessions: (inner) => ({
      update: async (handle, patch) => {
        const record = await inner.get(handle)
        return record && inner.update(handle, patch, record.version)
      },
    }),
  },
  {
    fault: 'update resurrects a revoked session',
    laws: ['SS-06', 'SS-14'],
    sessions: (inner) => ({
      update: async (handle, patch, ifVersion) => {
        const record = await inner.get(handle)
        if (!record?.revocation) return inner.update(handle, patch, ifVersion)
        return replace(inner, { ...record, ...patch, version: ifVersion + 1, revocation: null })
      },
    }),
  },
  {
    fault: 'update skips nulls',
    laws: ['SS-07'],
    sessions: (inner) => ({
      update: (handle, patch, ifVersion) => {
        const given = Object.entries(patch).filter(([, value]) => value !== null)
        return inner.update(handle, { updatedAt: patch.updatedAt, ...Object.fromEntries(given) }, ifVersion)
      },
    }),
  },
  {
    fault: 'touch moves backwards',
    laws: ['SS-09'],
    sessions: (inner) => ({
      touch: async (handle, at, expiresAt) => {
        const record = await inner.get(handle)
        if (record === null || record.revocation !== null) return false
        await replace(inner, { ...record, lastAccessedAt: at, expiresAt })
        return true
      },
    }),
  },
  {
    fault: 'touch says yes to anyone',
    laws: ['SS-10'],
    sessions: (inner) => ({
      touch: async (handle, at, expiresAt) => (await inner.touch(handle, at, expiresAt)) || true,
    }),
  },
  {
    fault: 'a tombstone keeps its tokens',
    laws: ['SS-11', 'SS-14'],
    sessions: (inner) => {
      const before = sharedBy(inner, () => new Map<string, SessionRecord>())
      return {
        get: async (handle) => {
          const record = await inner.get(handle)
          const { accessTokenEncrypted = null } = before.get(handle) ?? {}
          return record?.revocation ? { ...record, accessTokenEncrypted } : record
        },
        revoke: async (handle, revocation) => {
          const record = await inner.get(handle)
          if (record !== null) before.set(handle, record)
          return inner.revoke(handle, revocation)
        },
      }
    },
  },
  {
    fault: 'the last revocation counts',
    laws: ['SS-12', 'SS-29'],
    sessions: (inner) => ({
      revoke: async (handle, revocation) => {
        const outcome = await inner.revoke(handle, revocation)
        if (outcome?.outcome !== 'already_revoked') return outcome
        return { ...outcome, record: await replace(inner, { ...outcome.record, revocation }) }
      },
    }),
  },
  {
    fault: 'revoke creates a tombstone for anyone',
    laws: ['SS-13'],
    sessions: (inner) => ({
      revoke: async (name, revocation) => {
        const known = await inner.get(name)
        if (known === null) await inner.create(session(revocation.at, { handle: name }))
        return inner.revoke(name, revocation)
      },
    }),
  },
  {
    fault: 'delete always says true',
    laws: ['SS-15'],
    sessions: (inner) => ({ delete: async (handle) => (await inner.delete(handle)) || true }),
  },
  {
    fault: 'list orders ties by insertion',
    laws: ['SS-16'],
    sessions: (inner) => ({
      list: async (filter, page) => {
        const { records, next } = await inner.list(filter, page)
        return { records: [...records].reverse().sort((a, b) => b.createdAt - a.createdAt), next }
      },
    }),
  },
  {
    fault: 'the cursor forgets ties',
    laws: ['SS-16'],
    sessions: (inner) => ({
      list: async (filter, page) => {
        const { records, next } = await inner.list(filter, page)
        return { records, next: next?.replace(/\..*/, '.zzzzzzzzzzzzzzzzz') ?? null }
      },
    }),
  },
  {
    fault: 'a filter without an owner finds nothing',
    laws: ['SS-17'],
    sessions: (inner) => ({
      revokeAll: (filter, revocation) =>
        lenient(inner.revokeAll(filter, revocation), { outcome: 'no_active_sessions', records: [] }),
    }),
  },
  {
    fault: 'countActive looks at the idle end only',
    laws: ['SS-18'],
    sessions: (inner) => ({
      countActive: async (filter, now) => {
        const { records } = await inner.list(filter)
        return records.filter((record) => record.revocation === null && record.expiresAt >= now).length
      },
    }),
  },
  {
    fault: 'revokeAll is list, then revoke',
    laws: ['SS-19'],
    sessions: (inner) => ({
      revokeAll: async (filter, revocation) => {
        const { records } = await inner.list(filter)
        const living = records.filter(
          (record) => record.revocation === null && record.absoluteExpiresAt >= revocation.at,
        )
        const revoked = await Promise.all(living.map((record) => inner.revoke(record.handle, revocation)))
        const found = revoked
          .flatMap((outcome) => outcome?.record ?? [])
          .filter((record) => !isExpired(record, revocation.at))
        return { outcome: found.length > 0 ? 'revoked' : 'no_active_sessions', records: found }
      },
    }),
  },
  {
    fault: 'revokeAll spares the idle',
    laws: ['SS-19'],
    sessions: (inner) => ({
      revokeAll: async (filter, revocation) => {
        const { records } = await inner.list(filter)
        for (const record of records) {
          if (isExpired(record, revocation.at)) await inner.delete(record.handle)
        }
        const outcome = await inner.revokeAll(filter, revocation)
        for (const record of records) {
          if (isExpired(record, revocation.at)) await replace(inner, record)
        }
        return outcome
      },
    }),
  },
  {
    fault: 'no issuer is any issuer',
    laws: ['SS-30'],
    sessions: (inner) => {
      const any = ({ issuer, ...rest }: SessionFilter) => ({ ...rest, ...(issuer && { issuer }) })
      return {
        list: (filter, page) => inner.list(any(filter), page),
        countActive: (filter, now) => inner.countActive(any(filter), now),
        revokeAll: (filter, revocation) => inner.revokeAll(any(filter), revocation),
      }
    },
  },
  {
    fault: 'no subject is any subject',
    laws: ['SS-30'],
    sessions: (inner) => {
      const any = ({ subject, ...rest }: SessionFilter) => ({ ...rest, ...(subject && { subject }) })
      return {
        list: (filter, page) => inner.list(any(filter), page),
        countActive: (filter, now) => inner.countActive(any(filter), now),
      }
    },
  },
  {
    fault: 'a subject is a user id',
    laws: ['SS-31'],
    sessions: (inner) => ({
      countActive: ({ subject, ...filter }, now) =>
        inner.countActive({ ...filter, ...(subject ? { userId: subject } : { subject: null }) }, now),
    }),
  },
  {
    fault: 'a user is the userId alone',
    laws: ['SS-22'],
    sessions: (inner) => ({
      create: async (record, limits) => {
        const { evicted } = await inner.create(record, limits)
        const { userId, createdAt: at } = record
        const { records } = await inner.list({ userId })
        const active = records.filter((other) => other.revocation === null && !isExpired(other, at))
        for (const { handle } of active.slice(limits?.maxPerUser || active.length)) {
          await inner.revoke(handle, { at, reasonCode: 'session_limit', actorType: 'system', actorId: null })
          evicted.push(handle)
        }
        return { evicted }
      },
    }),
  },
  {
    fault: 'deleteAll spares the revoked',
    laws: ['SS-20'],
    sessions: (inner) => ({
      deleteAll: async (filter) => {
        const { records } = await inner.list(filter)
        const living = records.filter((record) => record.revocation === null)
        for (const record of living) await inner.delete(record.handle)
        return living.length
      },
    }),
  },
  {
    fault: 'cleanup ignores its limit',
    laws: ['SS-21'],
    sessions: (inner) => ({ cleanup: (options) => inner.cleanup({ ...options, limit: 1_000_000 }) }),
  },
  {
    fault: 'cleanup forgets retention',
    laws: ['SS-21'],
    sessions: (inner) => ({ cleanup: (options) => inner.cleanup({ ...options, retainRevokedMs: 0 }) }),
  },
  {
    fault: 'maxPerUser is count, then create',
    laws: ['SS-22'],
    sessions: (inner) => ({
      create: async (record, { maxPerUser = 0 } = {}) => {
        const { records } = await inner.list({ userId: record.userId })
        const active = records.filter(
          (other) => other.revocation === null && other.expiresAt >= record.createdAt,
        )
        const excess = maxPerUser > 0 ? active.slice(maxPerUser - 1).reverse() : []
        const why = { at: record.createdAt, reasonCode: 'session_limit', actorType: 'system', actorId: null }
        await inner.create(record)
        for (const other of excess) await inner.revoke(other.handle, why)
        return { evicted: excess.map((other) => other.handle) }
      },
    }),
  },
  {
    fault: 'issuer and provider session are joined by a colon',
    laws: ['SS-23'],
    sessions: (inner) => {
      const join = (issuer: string, id: string) => ({ issuer: 'any', providerSessionId: `${issuer}:${id}` })
      return {
        list: async (filter, page) => {
          const { issuer, providerSessionId } = filter
          if (!issuer || !providerSessionId) return inner.list(filter, page)
          return inner.list(join(issuer, providerSessionId), page)
        },
        create: async (record, limits) => {
          const { issuer, providerSessionId } = record
          if (!issuer || !providerSessionId) return inner.create(record, limits)
          return inner.create({ ...record, ...join(issuer, providerSessionId) }, limits)
        },
      }
    },
  },
  {
    fault: 'a fault looks like absence',
    laws: ['SS-24', 'SS-25', 'TS-09'],
    sessions: (inner) => ({ get: (handle) => lenient(inner.get(handle), null) }),
    ttl: (inner) => ({ get: (key) => lenient(inner.get(key), null) }),
  },
  {
    fault: 'a fault tells the session',
    laws: ['SS-24'],
    sessions: (inner) => ({
      get: (handle) =>
        inner.get(handle).catch((cause: unknown) => {
          throw new BffError('store_unavailable', `GET ${handle} failed`, { cause })
        }),
    }),
  },
  {
    fault: 'get hands out its own memory',
    laws: ['SS-26'],
    sessions: (inner) => {
      const given = new Map<string, SessionRecord>()
      return {
        create: async (record, limits) => {
          const outcome = await inner.create(record, limits)
          given.set(record.handle, record)
          return outcome
        },
        get: async (handle) => {
          const record = await inner.get(handle)
          return record && { ...record, claimsEncrypted: given.get(handle)?.claimsEncrypted ?? null }
        },
      }
    },
  },
  {
    fault: 'a life beyond 24.8 days overflows',
    laws: ['SS-27', 'TS-07'],
    sessions: (inner) => ({
      get: async (handle) => {
        const record = await inner.get(handle)
        return record && record.expiresAt - record.createdAt > 2 ** 31 - 1 ? null : record
      },
    }),
    ttl: (inner) => ({
      set: (key, value, ttlMs) => inner.set(key, value, ttlMs > 2 ** 31 - 1 ? 1 : ttlMs),
    }),
  },
  {
    fault: 'an index keeps the former owner',
    laws: ['SS-28'],
    sessions: (inner) => ({
      update: (handle, patch, ifVersion) => {
        const { organizationId: _, providerSessionId: __, ...rest } = patch
        return inner.update(handle, rest, ifVersion)
      },
    }),
  },
  {
    fault: 'touch writes back the record it read',
    laws: ['SS-09', 'SS-29'],
    sessions: (inner) => ({
      touch: async (handle, at, expiresAt) => {
        const record = await inner.get(handle)
        if (record === null || !(await inner.touch(handle, at, expiresAt))) return false
        const { lastAccessedAt, expiresAt: end } = (await inner.get(handle)) ?? record
        await replace(inner, { ...record, lastAccessedAt, expiresAt: end })
        return true
      },
    }),
  },
  {
    fault: 'reads that wait share the answer of one that began earlier',
    laws: ['SS-29'],
    sessions: (inner) => ({ get: sharing((handle) => inner.get(handle)) }),
  },
  {
    fault: 'a value read by many is read once',
    laws: ['TS-10'],
    ttl: (inner) => ({ get: sharing((key) => inner.get(key)) }),
  },
  {
    fault: 'values forget to expire',
    laws: ['TS-01', 'TS-02', 'TS-04', 'TS-06'],
    ttl: (inner) => ({ set: (key, value, ttlMs) => inner.set(key, value, ttlMs * 1000) }),
  },
  {
    fault: 'a durable set leaves alone what is there',
    laws: ['TS-11'],
    ttl: (inner) => ({
      set: async (key, value, ttlMs, options) => {
        if (!options?.durable) return inner.set(key, value, ttlMs, options)
        await inner.setIfAbsent(key, value, ttlMs)
      },
    }),
  },
  {
    fault: 'the clock that was attached last counts',
    laws: ['TS-12'],
    ttl: (inner) => {
      let passed = 0
      return {
        attach: ({ clock }) => {
          passed = clock.monotonic()
        },
        get: async (key) => (passed > 0 ? null : inner.get(key)),
      }
    },
  },
  {
    fault: 'setIfAbsent is get, then set',
    laws: ['TS-03'],
    ttl: (inner) => ({
      setIfAbsent: async (key, value, ttlMs) => {
        if ((await inner.get(key)) !== null) return false
        await inner.set(key, value, ttlMs)
        return true
      },
    }),
  },
  {
    fault: 'take is get, then delete',
    laws: ['TS-04', 'TS-10'],
    ttl: (inner) => ({
      take: async (key) => {
        const value = await inner.get(key)
        if (value !== null) await inner.compareAndDelete(key, value)
        return value
      },
    }),
  },
  {
    fault: 'extend and compareAndDelete take any value',
    laws: ['TS-05', 'TS-06'],
    ttl: (inner) => ({
      extend: async (key, _value, ttlMs) => inner.extend(key, (await inner.get(key)) ?? '', ttlMs),
      compareAndDelete: async (key) => (await inner.take(key)) !== null,
    }),
  },
  {
    fault: 'keys are trimmed',
    laws: ['TS-08'],
    ttl: (inner) => ({ setIfAbsent: (key, value, ttlMs) => inner.setIfAbsent(key.trim(), value, ttlMs) }),
  },
  {
    fault: 'a session is read from the memory of the client',
    laws: ['SS-04', 'SS-29'],
    sessions: (inner) => {
      const known = new Map<string, SessionRecord>()
      const forget = async <T>(handle: string, written: Promise<T>): Promise<T> => {
        known.delete(handle)
        return written
      }
      return {
        get: async (handle) => {
          const record = known.get(handle) ?? (await inner.get(handle))
          if (record !== null) known.set(handle, record)
          return record
        },
        update: (handle, patch, ifVersion) => forget(handle, inner.update(handle, patch, ifVersion)),
        touch: (handle, at, expiresAt) => forget(handle, inner.touch(handle, at, expiresAt)),
        revoke: (handle, revocation) => forget(handle, inner.revoke(handle, revocation)),
        delete: (handle) => forget(handle, inner.delete(handle)),
      }
    },
  },
  {
    fault: 'update locks within the client',
    laws: ['SS-08', 'SS-29'],
    sessions: (inner) => {
      const alone = oneAtATime()
      return {
        update: (handle, patch, ifVersion) =>
          alone(async () => {
            const record = await inner.get(handle)
            if (record?.version !== ifVersion || record.revocation !== null) return null
            return replace(inner, { ...record, ...patch, version: ifVersion + 1 })
          }),
      }
    },
  },
  {
    fault: 'maxPerUser locks within the client',
    laws: ['SS-22'],
    sessions: (inner) => {
      const alone = oneAtATime()
      return {
        create: (record, limits) =>
          alone(async () => {
            const { records } = await inner.list({ userId: record.userId, issuer: record.issuer })
            const active = records.filter(({ revocation }) => revocation === null)
            const allowed = limits?.maxPerUser || Number.POSITIVE_INFINITY
            await inner.create(record)
            const evicted = active.slice(allowed - 1).reverse()
            const why = {
              at: record.createdAt,
              reasonCode: 'session_limit',
              actorType: 'system',
              actorId: null,
            }
            for (const other of evicted) await inner.revoke(other.handle, why)
            return { evicted: evicted.map((other) => other.handle) }
          }),
      }
    },
  },
  {
    fault: 'no call sees more than 100 sessions of an owner',
    laws: ['SS-16', 'SS-18', 'SS-19', 'SS-20', 'SS-22'],
    sessions: (inner) => {
      const first = async (filter: SessionFilter) => (await inner.list(filter, { limit: 100 })).records
      return {
        create: async (record, limits) => {
          const { evicted } = await inner.create(record)
          const { userId, issuer } = record
          const excess = (await first({ userId, issuer }))
            .filter(({ revocation }) => revocation === null)
            .slice(limits?.maxPerUser || Number.POSITIVE_INFINITY)
          const why = {
            at: record.createdAt,
            reasonCode: 'session_limit',
            actorType: 'system',
            actorId: null,
          }
          for (const { handle } of excess) {
            await inner.revoke(handle, why)
            evicted.push(handle)
          }
          return { evicted }
        },
        list: async (filter, page) => {
          const { records, next } = await inner.list(filter, page)
          const seen = await first(filter)
          const last = records.at(-1)
          return { records, next: last?.handle === seen.at(-1)?.handle ? null : next }
        },
        countActive: async (filter, now) =>
          (await first(filter)).filter((record) => record.revocation === null && !isExpired(record, now))
            .length,
        revokeAll: async (filter, revocation) => {
          const outcomes = []
          for (const { handle } of await first(filter)) outcomes.push(await inner.revoke(handle, revocation))
          const revoked = outcomes.filter((outcome) => outcome?.outcome === 'revoked')
          const records = revoked.flatMap((outcome) => outcome?.record ?? [])
          return { outcome: records.length > 0 ? 'revoked' : 'no_active_sessions', records }
        },
        deleteAll: async (filter) => {
          const records = await first(filter)
          for (const { handle } of records) await inner.delete(handle)
          return records.length
        },
      }
    },
  },
  {
    fault: 'an index of owners is read, then written',
    laws: ['SS-02'],
    sessions: (inner) => {
      const known = new Map<string, readonly string[]>()
      return {
        create: async (record, limits) => {
          const before = known.get(record.userId) ?? []
          const outcome = await inner.create(record, limits)
          known.set(record.userId, [...before, record.handle])
          return outcome
        },
        list: async (filter, page) => {
          const { records, next } = await inner.list(filter, page)
          const names = known.get(filter.userId ?? '')
          return { records: records.filter(({ handle }) => names?.includes(handle) ?? true), next }
        },
      }
    },
  },
  ...similarTo('ids', (change) => ({
    laws: ['SS-23'],
    sessions: (inner) => ({
      create: (record, limits) => inner.create({ ...record, userId: change(record.userId) }, limits),
      list: (filter, page) =>
        inner.list({ ...filter, ...(filter.userId && { userId: change(filter.userId) }) }, page),
    }),
  })),
  ...similarTo('keys', (change) => ({
    laws: ['TS-08'],
    ttl: (inner) => ({
      set: (key, value, ttlMs, options) => inner.set(change(key), value, ttlMs, options),
      setIfAbsent: (key, value, ttlMs) => inner.setIfAbsent(change(key), value, ttlMs),
      get: (key) => inner.get(change(key)),
      take: (key) => inner.take(change(key)),
    }),
  })),
  {
    fault: 'metadata is cut at 4,000 characters',
    laws: ['SS-01'],
    sessions: (inner) => ({
      create: (record, limits) => {
        const text = JSON.stringify(record.metadata)
        return inner.create({ ...record, metadata: text.length > 4000 ? {} : record.metadata }, limits)
      },
    }),
  },
  {
    fault: 'numbers lose digits',
    laws: ['SS-01'],
    sessions: (inner) => ({
      create: (record, limits) => {
        const rounded = JSON.stringify(record.metadata, (_, value: unknown) =>
          typeof value === 'number' ? Number(value.toPrecision(12)) : value,
        )
        return inner.create({ ...record, metadata: JSON.parse(rounded) }, limits)
      },
    }),
  },
  {
    fault: 'lives are rounded up to whole seconds',
    laws: ['TS-01'],
    ttl: (inner) => ({
      set: (key, value, ttlMs, options) => inner.set(key, value, Math.ceil(ttlMs / 1000) * 1000, options),
    }),
  },
  {
    fault: 'lives are rounded down to whole seconds',
    laws: ['TS-01'],
    ttl: (inner) => ({
      set: (key, value, ttlMs, options) =>
        inner.set(key, value, Math.max(1000, Math.floor(ttlMs / 1000) * 1000), options),
    }),
  },
  {
    fault: 'lives are rounded up to a minute, as some key-value stores do',
    laws: ['TS-01'],
    ttl: (inner) => ({
      set: (key, value, ttlMs, options) => inner.set(key, value, Math.max(60_000, ttlMs), options),
    }),
  },
  {
    fault: 'setIfAbsent and take lock within the client',
    laws: ['TS-03', 'TS-04'],
    ttl: (inner) => {
      const alone = oneAtATime()
      return {
        setIfAbsent: (key, value, ttlMs) =>
          alone(async () => {
            if ((await inner.get(key)) !== null) return false
            await inner.set(key, value, ttlMs)
            return true
          }),
        take: (key) =>
          alone(async () => {
            const value = await inner.get(key)
            if (value !== null) await inner.compareAndDelete(key, value)
            return value
          }),
      }
    },
  },
  {
    fault: 'events stay within the client',
    laws: ['EB-01'],
    events: () => {
      const handlers = new Map<string, ((event: BffEvent) => void)[]>()
      return {
        publish: async (topic, event) => {
          for (const handler of handlers.get(topic) ?? []) handler(structuredClone(event))
        },
        subscribe: async (topic, handler) => {
          handlers.set(topic, [...(handlers.get(topic) ?? []), handler])
          return async () => {}
        },
      }
    },
  },
  {
    fault: 'events arrive twice',
    laws: ['EB-01'],
    events: (inner) => ({
      publish: async (topic, event) => {
        await inner.publish(topic, event)
        await inner.publish(topic, event)
      },
    }),
  },
  {
    fault: 'topics are one channel',
    laws: ['EB-02'],
    events: (inner) => ({
      publish: (_topic, event) => inner.publish('auth.logout', event),
      subscribe: (_topic, handler) => inner.subscribe('auth.logout', handler),
    }),
  },
  {
    fault: 'unsubscribe does nothing',
    laws: ['EB-03'],
    events: (inner) => ({
      subscribe: async (topic, handler) => {
        await inner.subscribe(topic, handler)
        return async () => {}
      },
    }),
  },
  {
    fault: 'handlers share the event and the stack of the publisher',
    laws: ['EB-04', 'EB-05'],
    events: (inner) => {
      const handlers = sharedBy(inner, (): ((event: BffEvent) => void)[] => [])
      return {
        publish: async (_topic, event) => {
          for (const handler of handlers) handler(event)
        },
        subscribe: async (_topic, handler) => {
          handlers.push(handler)
          return async () => {}
        },
      }
    },
  },
]

const SHARED = new WeakMap<object, unknown>()

/** What both clients of one backend share. */
function sharedBy<T>(inner: object, make: () => T): T {
  if (!SHARED.has(inner)) SHARED.set(inner, make())
  return SHARED.get(inner) as T
}

/** Stores that take texts for the same which are not, as a column's collation or an index of limited length does. */
function similarTo(
  what: string,
  fault: (change: (text: string) => string) => Omit<Mutant, 'fault'>,
): readonly Mutant[] {
  const changes: Readonly<Record<string, (text: string) => string>> = {
    'count up to character 200': (text) => text.slice(0, 200),
    'lose spaces at their end': (text) => text.replace(/ +$/, ''),
    'are normalised': (text) => text.normalize('NFC'),
    'lose their accents': (text) => text.normalize('NFD').replaceAll(/\p{M}/gu, ''),
    'lose their case': (text) => text.toLowerCase(),
  }
  return Object.entries(changes).map(([how, change]) => ({ fault: `${what} ${how}`, ...fault(change) }))
}

/** Runs one call after the other, for the callers of one client. */
function oneAtATime(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    const running = last.then(call, call)
    last = running.catch(() => {})
    return running
  }
}

/** Reads once for all who ask until the answer is there, which takes a while. */
function sharing<Key, T>(read: (key: Key) => Promise<T>): (key: Key) => Promise<T> {
  const underWay = new Map<Key, Promise<T>>()
  const slowly = async (key: Key): Promise<T> => {
    const answer = await read(key)
    for (let wait = 20; wait > 0; wait--) await null
    underWay.delete(key)
    return answer
  }
  return (key) => {
    const answer = underWay.get(key) ?? slowly(key)
    underWay.set(key, answer)
    return answer
  }
}

async function replace(inner: SessionStore, record: SessionRecord): Promise<SessionRecord> {
  await inner.delete(record.handle)
  await inner.create(record)
  return record
}

async function lenient<T>(answer: Promise<T>, instead: T): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isBffError(error)) return instead
    throw error
  }
}
