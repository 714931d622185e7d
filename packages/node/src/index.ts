export { nodeListener } from './listener.ts'
export { NodeRequestView } from './request-view.ts'
export { type UndiciUpstreamOptions, undiciUpstream } from './undici-upstream.ts'
export { deliverReply, writeReply } from './write-reply.ts'
