export { BFF_PATHS, type HttpAdapterOptions, type ServedApp } from './harness.ts'
export { describeHttpAdapter } from './laws/http-adapter.ts'
export { type FetchHandler, serveFetch } from './serve-fetch.ts'
export { describeWebSocketRelay, type WebSocketRelayOptions } from './web-sockets/laws.ts'
