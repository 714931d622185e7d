import type { ApiProxyDependencies, ApiProxyFactory, ApiRoute } from '../contracts/api-proxy.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import type { Upstream } from '../contracts/upstream.ts'
import { createNonceCache } from '../dpop/index.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'
import { isOriginForm } from '../internal/http/origin-form.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { createLru } from '../internal/lru.ts'
import { refuseUnknown } from '../internal/options.ts'
import { bodyOfBytes, declaredLength, laterBody, takeBody, withIdleTime } from './body.ts'
import { Exchange } from './exchange.ts'
import { fetchUpstream } from './fetch-upstream.ts'
import { checkHandshake, HANDSHAKE_HEADERS, switchHeaders } from './handshake.ts'
import type { ProxyRoute } from './proxy-route.ts'
import {
  clientHeaders,
  decodePath,
  forwardingHeaders,
  type HeaderList,
  joinUrl,
  outgoingHeaders,
  seemsBelow,
  splitTarget,
} from './request.ts'
import { bodyOf, replyHeaders } from './response.ts'
import { type Route, resolveRoutes } from './routes.ts'
import { discard, sendAuthorized } from './send.ts'
import { createSessionWatch } from './session-watch.ts'
import { stepUpOf, stepUpReply } from './step-up.ts'
import { bearerOf } from './tokens.ts'

export interface ApiProxyOptions {
  /** The APIs, by path prefix. The longest matching prefix wins. */
  readonly routes: readonly ProxyRoute[]
  /** The transport. @default `fetchUpstream()`; `undiciUpstream()` of `@bff/node` is faster on Node */
  readonly upstream?: Upstream
}

/** For how many clients the forwarding headers are kept. */
const FORWARDED = 1_000

/** Whether the pipeline looks for a session, by the token that a route sends. */
const SESSION = {
  user: 'user',
  'user-or-none': 'user-or-none',
  'user-or-client': 'user-or-none',
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

export interface ProxyDependencies extends ApiProxyDependencies {
  readonly routes: readonly ProxyRoute[]
  readonly upstream: Upstream
}

export interface ReverseProxy {
  /**
   * Returns the route of a raw path, or `null`. It also matches dangerous forms of the path; `forward` then refuses them.
   */
  match(path: string): Route | null
  /**
   * Sends a request to the API of a route from {@link ReverseProxy.match}, and passes the response on.
   *
   * @throws BffError `invalid_path`, `bad_request`, `payload_too_large`, `body_consumed`, `no_session`, `token_expired`,
   * `invalid_session`, `dpop_failed`, `upstream_unavailable`, `upstream_timeout`, and what `session.tokens()` throws
   */
  forward(route: Route, request: RequestView, session: Session | null): Promise<Reply>
  /** Stops watching sessions. */
  close(): Promise<void>
}

/**
 * Makes the proxy that passes requests on to APIs, with the session's access token and without the browser's cookies.
 *
 * @throws BffError `invalid_config`
 */
export function createProxy(deps: ProxyDependencies): ReverseProxy {
  const routes = resolveRoutes(deps.routes, deps.cookieNames)
  if (deps.upstream.upgrade === undefined && routes.some(({ webSocket }) => webSocket))
    throw new BffError(
      'invalid_config',
      'A route with webSocket needs an upstream that supports it. Set upstream to undiciUpstream().',
    )
  for (const { clientToken, userToken } of routes)
    for (const source of [clientToken, userToken]) source?.attach?.(deps)
  const sessions = createSessionWatch(deps)
  const sending = { ...deps, nonces: createNonceCache() }
  const forwarded = createLru<HeaderList>(FORWARDED)
  // The parts once: a URL computes them at each read.
  const publicHosts = createLru<Pick<URL, 'host' | 'protocol'>>(FORWARDED)

  function publicHost(origin: string): Pick<URL, 'host' | 'protocol'> {
    let found = publicHosts.get(origin)
    if (found === undefined) {
      const { host, protocol } = new URL(origin)
      found = { host, protocol }
      publicHosts.set(origin, found)
    }
    return found
  }

  function forwardingOf(request: RequestView): HeaderList {
    const address = deps.clientAddress(request)
    const origin = deps.originOf(request)
    const name = `${address ?? ''} ${origin}`
    let headers = forwarded.get(name)
    if (headers === undefined) {
      headers = forwardingHeaders(address, publicHost(origin))
      forwarded.set(name, headers)
    }
    return headers
  }
  const match = (path: string) => routes.find((route) => seemsBelow(path, route.path)) ?? null

  function urlOf(route: Route, target: string): string {
    const [path, query] = splitTarget(target)
    const decoded = isOriginForm(target) ? decodePath(path, route.allowPathParameters) : null
    const rest = path.slice(route.path.length)
    // Another route for the decoded path is a rule of the app that encoding must not get around.
    if (decoded === null || match(path) !== route || match(decoded) !== route || /^[^/]/.test(rest))
      throw new BffError('invalid_path')
    const wanted = route.stripPrefix ? rest : path
    const sent = route.rewritePath?.(wanted || '/') ?? wanted
    const safe = sent === '' || decodePath(sent, route.allowPathParameters) !== null
    const url = safe ? joinUrl(route.origin, route.basePath, sent, query) : null
    if (url === null) throw new BffError('invalid_path')
    return url
  }

  function headersOf(
    route: Route,
    request: RequestView,
    session: Session | null,
  ): HeaderList | Promise<HeaderList> {
    const names = request.upgrade ? [...route.requestHeaders, ...HANDSHAKE_HEADERS] : route.requestHeaders
    const headers = clientHeaders(names, request)
    for (const header of forwardingOf(request))
      if (!route.removeHeaders.includes(header[0])) headers.push(header)
    return route.onRequest === undefined ? headers : changed(headers, route.onRequest, session)
  }

  async function relay(route: Route, request: RequestView, session: Session | null): Promise<Reply> {
    const { method, target, upgrade: handshake = false } = request
    const url = urlOf(route, target)
    if (handshake) checkHandshake(route, request)
    const length = declaredLength(request, route.maxBodyBytes)
    const bearer = await bearerOf(route, session, request, deps.tokens)
    const sent = handshake
      ? laterBody(request)
      : length === 0
        ? bodyOfBytes(null)
        : await takeBody(request, length, route, deps.clock)
    const exchange = new Exchange(request, deps.clock, route.totalTimeoutMs)
    if (sent.release !== null) exchange.onAbort(sent.release)
    try {
      const made = headersOf(route, request, session)
      const headers = made instanceof Promise ? await made : made
      const { origin, headersTimeoutMs } = route
      const body = withIdleTime(sent, exchange, route.idleTimeoutMs)
      const call = { method, url, origin, headers, body, headersTimeoutMs, exchange, handshake }
      const response = await sendAuthorized(call, bearer, sending)
      const { status } = response
      const stepUp = bearer === null ? null : stepUpOf(response)
      if (stepUp !== null) {
        discard(response)
        exchange.finish()
        report(route, request, new BffError('insufficient_user_authentication'))
        return stepUpReply(stepUp)
      }
      const onFailure = (error: BffError) => report(route, request, error)
      if (handshake && status === 101 && response.body !== null) {
        const stream = exchange.stream(response.body, 0, onFailure)
        return { status, headers: switchHeaders(response), body: stream, signal: lasting(exchange, session) }
      }
      const content = bodyOf(response)
      const kept = replyHeaders(response, url, route, routes, session !== null)
      if (content === null || method === 'HEAD') {
        exchange.finish()
        return { status, headers: kept, body: null }
      }
      if (response.bytes !== undefined) {
        exchange.finish()
        return { status, headers: kept, body: response.bytes }
      }
      const has = (wanted: string, value: RegExp) =>
        kept.some(([name, text]) => name === wanted && value.test(text))
      if (has('content-type', /^text\/event-stream\b/i)) {
        const stream = exchange.stream(content, 0, onFailure)
        return { status, headers: kept, body: stream, signal: lasting(exchange, session) }
      }
      // A response of known length ends by itself.
      const watched = session !== null && !has('content-length', /^/)
      const onLong = watched ? () => watch(exchange, session) : undefined
      const stream = exchange.stream(content, route.idleTimeoutMs, onFailure, onLong)
      return { status, headers: kept, body: stream, ...(watched && { signal: exchange.signal }) }
    } catch (error) {
      exchange.finish()
      throw error
    }
  }

  /** An event stream or a WebSocket continues while its session is active (PRX-19). */
  function lasting(exchange: Exchange, session: Session | null): AbortSignal {
    exchange.liftTotal()
    if (session !== null) watch(exchange, session)
    return exchange.signal
  }

  function watch(exchange: Exchange, session: Session): void {
    if (!exchange.signal.aborted) exchange.onAbort(sessions.watch(session, (error) => exchange.cut(error)))
  }

  function report(route: Route, request: RequestView, error: unknown): void {
    // A client that disconnected is not a fault, and was not refused.
    if (!isBffError(error) || request.signal.aborted) return
    const { code, cause = error } = error
    if (error.status < 500)
      deps.emit({ type: 'proxy.denied', code, path: forLog(splitTarget(request.target)[0]) })
    else if (/^(?:upstream|dpop)_/.test(code))
      deps.emit({ type: 'proxy.failed', code, route: route.path, cause })
  }

  return {
    match,
    close: sessions.close,
    async forward(route, request, session) {
      try {
        if (route.methods.includes(request.method)) return await relay(route, request, session)
        throw new BffError('method_not_allowed')
      } catch (error) {
        report(route, request, error)
        if (!isBffError(error, 'method_not_allowed')) throw error
        const { code, message } = error
        return jsonReply(405, { error: code, message }, [], [['allow', route.methods.join(', ')]])
      }
    },
  }
}

async function changed(
  headers: HeaderList,
  onRequest: NonNullable<Route['onRequest']>,
  session: Session | null,
): Promise<HeaderList> {
  const map = new Map(headers)
  await onRequest(map, session)
  return outgoingHeaders(map)
}
