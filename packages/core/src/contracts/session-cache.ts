import type { Clock } from './clock.ts'
import type { Emit } from './events.ts'
import type { SessionHandle, SessionRecord } from './session.ts'
import type { SessionStore } from './session-store.ts'
import type { Stores } from './stores.ts'

/** What a session cache works with. */
export interface SessionCacheContext {
  readonly stores: Stores
  readonly clock: Clock
  readonly emit: Emit
}

/** Session records in the memory of this process. Only requests of the app, and to its APIs, are answered from it. */
export interface SessionCache {
  /** The session store. A session that is changed through it leaves the cache; its `get` always reads the backend. */
  readonly sessions: SessionStore
  /** Returns a record that the cache may answer with, or `undefined`: then read it with {@link read}. */
  peek(handle: SessionHandle): SessionRecord | undefined
  /** Reads the backend as `sessions.get` does, and keeps what it returns. */
  read(handle: SessionHandle): Promise<SessionRecord | null>
}

/** The type of {@link BffConfig.cache}: `sessionCache()` of `@bff/core/store` makes one. */
export type SessionCacheFactory = (context: SessionCacheContext) => SessionCache
