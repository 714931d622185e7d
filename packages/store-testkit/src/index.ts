export type { LawsOptions, OpenStores, StoreHarness } from './harness.ts'
export { eventBusLaws } from './laws/event-bus.ts'
export { sessionStoreLaws } from './laws/session-store.ts'
export { ttlStoreLaws } from './laws/ttl-store.ts'
