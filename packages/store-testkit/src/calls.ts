import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { SessionRecord } from '@bff/core'
import { DAY, HOUR, handle, refuses, revocation } from './fixtures.ts'
import type { OpenStores } from './harness.ts'

type Calls = [name: string, call: () => Promise<unknown>][]

/** Every call of `SessionStore` but `close`, on this session and its user. */
export function everySessionCall({ stores: { sessions }, now }: OpenStores, record: SessionRecord): Calls {
  const { handle: known, userId } = record
  return Object.entries<() => Promise<unknown>>({
    create: () => sessions.create({ ...record, handle: handle('another') }),
    get: () => sessions.get(known),
    'get of an unknown handle': () => sessions.get(handle('unknown')),
    update: () => sessions.update(known, { updatedAt: now() }, 1),
    touch: () => sessions.touch(known, now(), now() + DAY),
    revoke: () => sessions.revoke(known, revocation(now())),
    delete: () => sessions.delete(known),
    list: () => sessions.list({ userId }),
    countActive: () => sessions.countActive({ userId }, now()),
    revokeAll: () => sessions.revokeAll({ userId }, revocation(now())),
    deleteAll: () => sessions.deleteAll({ userId }),
    cleanup: () => sessions.cleanup({ now: now(), limit: 10, retainRevokedMs: 0 }),
    ping: () => sessions.ping(),
  })
}

/** Every call of `TtlStore`. */
export function everyTtlCall({ stores: { ttl } }: OpenStores, key: string, value: string): Calls {
  return Object.entries<() => Promise<unknown>>({
    'ttl.set': () => ttl.set(key, value, HOUR),
    'ttl.get': () => ttl.get(key),
    'ttl.setIfAbsent': () => ttl.setIfAbsent(key, value, HOUR),
    'ttl.take': () => ttl.take(key),
    'ttl.extend': () => ttl.extend(key, value, HOUR),
    'ttl.compareAndDelete': () => ttl.compareAndDelete(key, value),
  })
}

/** What of a session, or of a value under a key, no error may tell. */
export function secretsOf(record: SessionRecord): string[] {
  const { secretHash, userId, handle, providerSessionId } = record
  return [secretHash, userId, handle, providerSessionId ?? secretHash]
}

/**
 * The call throws `store_unavailable`, and neither its message nor anything else a log would show of it, such as its
 * cause, tells one of the secrets.
 */
export async function failsSilently(name: string, call: () => Promise<unknown>, secrets: readonly string[]) {
  const error = await refuses('store_unavailable', call, name)
  const shown = inspect(error, { depth: 8, showHidden: true })
  for (const secret of secrets) {
    assert.ok(!shown.includes(secret), `${name}: the error tells a secret it was given: ${error.message}`)
  }
}
