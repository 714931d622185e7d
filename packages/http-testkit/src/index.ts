export { BFF_PATHS, type HttpAdapterOptions, type ServedApp } from './harness.ts'
export { describeHttpAdapter } from './laws/http-adapter.ts'
export { type FetchHandler, serveFetch } from './serve-fetch.ts'
export {
  describeWebSocketRelay,
  type WebSocketRelayOptions,
} from './web-sockets/describe-web-socket-relay.ts'
export type { ApiAnswer, ApiUpgrade, EchoApi } from './world/api.ts'
export type { TestClock } from './world/clock.ts'
export type { TestProvider } from './world/provider.ts'
export type { WatchedStore } from './world/store.ts'
export { openWorld, type SignedIn, type World, type WorldOptions } from './world/world.ts'
