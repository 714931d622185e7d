export {
  type FindSession,
  type GuardedRequests,
  guardedRequests,
  type SessionGuards,
} from './guarded-requests.ts'
export { nodeListener } from './listener.ts'
export { relayWebSockets, type WebSocketRelay } from './relay-web-sockets.ts'
export { NodeRequestView } from './request-view.ts'
export { type UndiciUpstreamOptions, undiciUpstream } from './undici-upstream.ts'
export { deliverReply, startReply, writeReply } from './write-reply.ts'
