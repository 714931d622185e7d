import type { SessionStore } from '@bff/core'

/** A store that hands every call on to `sessions`: what a wrapper does not change. */
export const passing = (sessions: SessionStore): SessionStore => ({
  create: (record, limits) => sessions.create(record, limits),
  get: (handle) => sessions.get(handle),
  update: (handle, patch, ifVersion) => sessions.update(handle, patch, ifVersion),
  touch: (handle, at, expiresAt) => sessions.touch(handle, at, expiresAt),
  revoke: (handle, revocation) => sessions.revoke(handle, revocation),
  delete: (handle) => sessions.delete(handle),
  list: (filter, page) => sessions.list(filter, page),
  countActive: (filter, now) => sessions.countActive(filter, now),
  revokeAll: (filter, revocation) => sessions.revokeAll(filter, revocation),
  deleteAll: (filter) => sessions.deleteAll(filter),
  cleanup: (run) => sessions.cleanup(run),
  ping: () => sessions.ping(),
  close: () => sessions.close(),
})
