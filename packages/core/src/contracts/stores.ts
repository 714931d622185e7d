import type { EventBus } from './events.ts'
import type { SessionStore } from './session-store.ts'
import type { TtlStore } from './ttl-store.ts'

/** The three contracts a store package ships together. An app may mix them from several packages. */
export interface Stores {
  readonly sessions: SessionStore
  readonly ttl: TtlStore
  readonly events: EventBus
}
