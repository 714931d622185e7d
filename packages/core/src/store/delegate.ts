import type { SessionStore } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { attachTo } from '../internal/attachment.ts'

const behind =
  (before: () => void) =>
  async <T>(call: () => Promise<T>): Promise<T> => {
    before()
    return call()
  }

/**
 * Returns a store that delegates every call to `sessions`, for a wrapper that changes only some of them.
 *
 * @param before runs before each call except `close`; when it throws, the call rejects
 */
export const delegate = (sessions: SessionStore, before: () => void = () => {}): SessionStore => {
  const after = behind(before)
  return {
    create: (record, limits) => after(() => sessions.create(record, limits)),
    get: (handle) => after(() => sessions.get(handle)),
    update: (handle, patch, ifVersion) => after(() => sessions.update(handle, patch, ifVersion)),
    touch: (handle, at, expiresAt) => after(() => sessions.touch(handle, at, expiresAt)),
    revoke: (handle, revocation) => after(() => sessions.revoke(handle, revocation)),
    delete: (handle) => after(() => sessions.delete(handle)),
    list: (filter, page) => after(() => sessions.list(filter, page)),
    countActive: (filter, now) => after(() => sessions.countActive(filter, now)),
    revokeAll: (filter, revocation, onRevoked) =>
      after(() => sessions.revokeAll(filter, revocation, onRevoked)),
    deleteAll: (filter) => after(() => sessions.deleteAll(filter)),
    cleanup: (run) => after(() => sessions.cleanup(run)),
    ping: () => after(() => sessions.ping()),
    close: () => sessions.close(),
    ...attachTo(sessions),
  }
}

/** The same for a TTL store. */
export const delegateTtl = (ttl: TtlStore, before: () => void): TtlStore => {
  const after = behind(before)
  return {
    set: (key, value, ttlMs, options) => after(() => ttl.set(key, value, ttlMs, options)),
    get: (key) => after(() => ttl.get(key)),
    setIfAbsent: (key, value, ttlMs) => after(() => ttl.setIfAbsent(key, value, ttlMs)),
    take: (key) => after(() => ttl.take(key)),
    extend: (key, value, ttlMs) => after(() => ttl.extend(key, value, ttlMs)),
    compareAndDelete: (key, value) => after(() => ttl.compareAndDelete(key, value)),
    ...attachTo(ttl),
  }
}
