export type { FetchHandler } from './fetch-handler.ts'
export { BFF_PATHS, type HttpAdapterOptions } from './harness.ts'
export { describeHttpAdapter } from './laws/http-adapter.ts'
export { serveFetch } from './serve-fetch.ts'
export type { ServedApp } from './served-app.ts'
export {
  describeWebSocketRelay,
  type WebSocketRelayOptions,
} from './web-sockets/describe-web-socket-relay.ts'
export type { ApiAnswer, ApiUpgrade, EchoApi } from './world/api.ts'
export type { TestClock } from './world/clock.ts'
export type { LawSettings } from './world/law-bff.ts'
export type { TestProvider } from './world/provider.ts'
export type { WatchedStore } from './world/store.ts'
export { openWorld, type SignedIn, type Surroundings, type World, type WorldOptions } from './world/world.ts'
