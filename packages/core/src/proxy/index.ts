/**
 * `@bff/core/proxy`: passes a browser's requests on to APIs with the session's access token.
 *
 * @module
 */

export type { Upstream, UpstreamRequest, UpstreamResponse } from '../contracts/upstream.ts'
export { fetchUpstream } from './fetch-upstream.ts'
export { type ApiProxyOptions, apiProxy } from './proxy.ts'
export type { ClientTokenSource, ProxyRoute, TokenRequest, UserTokenSource } from './proxy-route.ts'
export { type SessionFetch, type SessionFetchOptions, sessionFetch } from './session-fetch.ts'
