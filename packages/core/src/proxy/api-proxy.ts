import type { ApiProxyFactory, ApiRoute } from '../contracts/api-proxy.ts'
import type { Upstream } from '../contracts/upstream.ts'
import { refuseUnknown } from '../internal/unknown-option.ts'
import { fetchUpstream } from './fetch-upstream.ts'
import { createProxy } from './proxy.ts'
import type { ProxyRoute } from './proxy-route.ts'

export interface ApiProxyOptions {
  /** The APIs, by path prefix. The longest matching prefix wins. */
  readonly routes: readonly ProxyRoute[]
  /** The transport. @default `fetchUpstream()`; `undiciUpstream()` of `@bff/node` is faster on Node */
  readonly upstream?: Upstream
}

/** Whether the pipeline looks for a session, by the token that a route sends. */
const SESSION = {
  user: 'user',
  userOrNone: 'userOrNone',
  userOrClient: 'userOrNone',
  client: 'none',
  none: 'none',
} as const satisfies Record<string, ApiRoute['token']>

/**
 * Makes the reverse proxy of a BFF. It passes requests on to APIs with the session's access token and without the browser's
 * cookies (BFF-14).
 *
 * @throws BffError `invalid_config`, here or when the BFF is made
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { apiProxy } from '@bff/core/proxy'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const bff = createBff({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 *   proxy: apiProxy({ routes: [{ path: '/api', target: 'https://orders.example.com' }] }),
 * })
 * ```
 */
export function apiProxy(options: ApiProxyOptions): ApiProxyFactory {
  refuseUnknown('apiProxy', options, ['routes', 'upstream'])
  const { routes, upstream = fetchUpstream() } = options
  return (dependencies) => {
    const proxy = createProxy({ ...dependencies, routes, upstream })
    return {
      paths: routes.map(({ path }) => path),
      match(path) {
        const route = proxy.match(path)
        if (route === null) return null
        return {
          token: SESSION[route.token],
          csrf: route.csrf,
          forward: (request, session) => proxy.forward(route, request, session),
        }
      },
      async close() {
        await Promise.all([upstream.close(), proxy.close()])
      },
    }
  }
}
