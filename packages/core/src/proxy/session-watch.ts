import type { ApiProxyDependencies } from '../contracts/api-proxy.ts'
import type { Session, SessionHandle } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { isExpired } from '../internal/lifetime.ts'

/** Notifies long responses when their session has ended. */
export interface SessionWatch {
  /**
   * Calls `ended` at most once, with `invalid_session` or `session_expired`, within five seconds of the session's end
   * (PRX-19). Returns a function that stops watching.
   */
  watch(session: Session, ended: (error: BffError) => void): () => void
  close(): Promise<void>
}

/** How often to ask the store, in milliseconds: an event bus may lose a message, and some do not reach other processes. */
const RECHECK_MS = 4_000

interface Watched {
  readonly listeners: Set<(error: BffError) => void>
  readonly over: AbortController
}

/** Makes one loop for each session, regardless of its number of streams, and none without streams. */
export function createSessionWatch({
  stores,
  clock,
  emit,
}: Pick<ApiProxyDependencies, 'stores' | 'clock' | 'emit'>): SessionWatch {
  const watched = new Map<SessionHandle, Watched>()
  let subscribed: Promise<() => Promise<void>> | null = null
  let reachable = true

  function forget(handle: SessionHandle): Watched | undefined {
    const found = watched.get(handle)
    watched.delete(handle)
    found?.over.abort()
    return found
  }

  function end(handle: SessionHandle, code: 'invalid_session' | 'session_expired'): void {
    for (const ended of forget(handle)?.listeners ?? []) ended(new BffError(code))
  }

  function subscribe(): void {
    if (subscribed !== null) return
    subscribed = stores.events.subscribe('session.revoked', (event) => {
      if (event.type === 'session.revoked') end(event.handle, 'invalid_session')
    })
    subscribed.catch((cause: unknown) => {
      subscribed = null
      emit({ type: 'bus.failed', topic: 'session.revoked', failures: 1, cause })
    })
  }

  /** Returns when to check again; `null` when the session has ended. */
  async function check({ handle, absoluteExpiresAt }: Session): Promise<number | null> {
    try {
      const record = await stores.sessions.get(handle)
      reachable = true
      if (record === null || record.revocation !== null) end(handle, 'invalid_session')
      else if (isExpired(record, clock.now())) end(handle, 'session_expired')
      else return record.expiresAt
    } catch (cause) {
      if (reachable) emit({ type: 'store.unavailable', operation: 'watch', cause })
      reachable = false
      // An outage is not a sign-out: a touch may have moved the idle limit. Nothing moves the absolute limit.
      if (clock.now() <= absoluteExpiresAt) return Number.POSITIVE_INFINITY
      end(handle, 'session_expired')
    }
    return null
  }

  /** Asks at once: the session may have ended since it was read, while the API made its response or in a cache. */
  async function follow(session: Session, over: AbortSignal): Promise<void> {
    for (let due = await check(session); due !== null; due = await check(session)) {
      const untilThen = Math.max(0, due - clock.now()) + 1
      await clock.sleep(Math.min(untilThen, RECHECK_MS), over, true)
    }
  }

  return {
    watch(session, ended) {
      const { handle } = session
      subscribe()
      let entry = watched.get(handle)
      if (entry === undefined) {
        entry = { listeners: new Set(), over: new AbortController() }
        watched.set(handle, entry)
        entry.listeners.add(ended)
        follow(session, entry.over.signal).catch(() => {})
      }
      const { listeners } = entry
      listeners.add(ended)
      return () => {
        listeners.delete(ended)
        if (listeners.size === 0 && watched.get(handle)?.listeners === listeners) forget(handle)
      }
    },
    async close() {
      for (const handle of watched.keys()) forget(handle)
      const unsubscribe = await subscribed?.catch(() => null)
      await unsubscribe?.().catch(() => {})
    },
  }
}
