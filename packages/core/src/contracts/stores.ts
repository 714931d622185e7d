import type { EventBus } from './event-bus.ts'
import type { SessionStore } from './session-store.ts'
import type { TtlStore } from './ttl-store.ts'

/** The three parts of a store. An app can combine parts from several packages. */
export interface Stores {
  readonly sessions: SessionStore
  readonly ttl: TtlStore
  readonly events: EventBus
}
