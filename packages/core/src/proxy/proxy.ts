import {
  type ApiProxyDependencies,
  BffError,
  forLog,
  isBffError,
  isOriginForm,
  jsonReply,
  type Reply,
  type RequestView,
  type Session,
} from '@bff/core'
import { createNonceCache } from '@bff/core/dpop'
import { bearerOf, type ClientTokenSource, type UserTokenSource } from './bearer.ts'
import { declaredLength, laterBody, takeBody } from './body.ts'
import { type Exchange, openExchange } from './exchange.ts'
import { checkHandshake, HANDSHAKE_HEADERS, switchHeaders } from './handshake.ts'
import { clientHeaders, forwardingHeaders, outgoingHeaders } from './headers.ts'
import { decodePath, joinUrl, seemsBelow, splitTarget } from './path.ts'
import { replyHeaders } from './response-headers.ts'
import { type Route, resolveRoutes } from './routes.ts'
import { sendAuthorized } from './send.ts'
import { createSessionWatch } from './session-watch.ts'
import { bodyOf, type Upstream } from './upstream.ts'

/** One API behind the BFF. */
export interface ProxyRoute {
  /** Path prefix, such as `/api`: the path itself and everything below it. The longest match wins. */
  readonly path: string
  /** Origin and optional base path of the API, such as `https://orders.internal/v1`. */
  readonly target: string
  /** Cuts `path` off before forwarding: `/api/orders` reaches the API as `/orders`. @default true */
  readonly stripPrefix?: boolean
  /** Rewrites the raw path to forward, after the prefix was cut. The result is validated again. */
  readonly rewritePath?: (path: string) => string
  /**
   * Which token goes upstream: `user` needs a session and sends its access token; `userOrNone` sends it when
   * there is one; `none` needs no session and sends none (S1-17); `client` needs no session and sends the BFF's own
   * token; `userOrClient` sends the user's when there is one, else the BFF's own. @default `user`
   */
  readonly token?: 'user' | 'userOrNone' | 'none' | 'client' | 'userOrClient'
  /** The BFF's own token for this API; needed by `client` and `userOrClient`. */
  readonly clientToken?: ClientTokenSource
  /** The user's token for this API, where it is not the session's own. @default the session's access token */
  readonly userToken?: UserTokenSource
  /** Allowed methods. @default GET HEAD POST PUT PATCH DELETE OPTIONS */
  readonly methods?: readonly string[]
  /** Lets `;` stand in paths, where some servers cut off what follows it (PRX-03). @default false */
  readonly allowPathParameters?: boolean
  /**
   * Relays WebSockets too, where the host can (`relayWebSockets` of `@bff/node`): `/api/live` of a page at the BFF's own
   * or an allowed origin reaches the API at the http URL of the path, with the access token in the handshake (CSR-13). Needs
   * an `upstream` that can, such as `undiciUpstream()`. @default false
   */
  readonly webSocket?: boolean
  /** Request headers to forward beyond the default list. */
  readonly forwardHeaders?: readonly string[]
  /** Request headers to drop from what would be forwarded. */
  readonly removeHeaders?: readonly string[]
  /** Response headers to drop beyond those always dropped. */
  readonly removeResponseHeaders?: readonly string[]
  /** Names of cookies the API may set; never the BFF's own. @default none */
  readonly allowSetCookie?: readonly string[]
  /**
   * Changes headers of the outgoing request; what it sets wins over the client's. Where an access token is sent, it
   * is the only `authorization`. Called once, also when the request is sent again.
   */
  readonly onRequest?: (headers: Map<string, string>, session: Session | null) => Promise<void> | void
  /** Request bodies beyond this many bytes answer 413. @default 10_485_760 (10 MiB). 0: no limit */
  readonly maxBodyBytes?: number
  /** Bodies up to this many bytes are kept so that a refused request can be sent again. @default 65_536 */
  readonly replayBodyBytes?: number
  /** Milliseconds for connecting and the response headers. @default 30_000. 0: no limit */
  readonly headersTimeoutMs?: number
  /** Milliseconds a response body may stand still; not applied to event streams. @default 60_000. 0: no limit */
  readonly idleTimeoutMs?: number
  /** Milliseconds for the whole exchange; not applied to event streams. @default 0 (no limit) */
  readonly totalTimeoutMs?: number
}

export interface ProxyDependencies extends ApiProxyDependencies {
  readonly routes: readonly ProxyRoute[]
  readonly upstream: Upstream
}

export interface ReverseProxy {
  /** The route a raw path belongs to, dangerous forms of it included, which `forward` then refuses; else `null`. */
  match(path: string): Route | null
  /**
   * Sends a request to the API of a route that {@link ReverseProxy.match} gave, and passes the answer on.
   *
   * @throws BffError `invalid_path`, `bad_request`, `payload_too_large`, `body_consumed`, `no_session`, `token_expired`,
   * `invalid_session`, `dpop_failed`, `upstream_unavailable`, `upstream_timeout`, and what `session.tokens()` throws
   */
  forward(route: Route, request: RequestView, session: Session | null): Promise<Reply>
  /** Stops watching sessions. */
  close(): Promise<void>
}

/**
 * Relays requests to APIs, with the session's access token and without the browser's cookies.
 *
 * @throws BffError `invalid_config`
 */
export function createProxy(deps: ProxyDependencies): ReverseProxy {
  const routes = resolveRoutes(deps.routes, deps.cookieNames)
  if (deps.upstream.upgrade === undefined && routes.some(({ webSocket }) => webSocket))
    throw new BffError('invalid_config', 'A webSocket route needs an upstream such as undiciUpstream().')
  const sessions = createSessionWatch(deps)
  const nonces = createNonceCache()
  const publicUrl = new URL(deps.origin)
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

  async function headersOf(route: Route, request: RequestView, session: Session | null) {
    const names = request.upgrade ? [...route.requestHeaders, ...HANDSHAKE_HEADERS] : route.requestHeaders
    const headers = clientHeaders(names, request)
    for (const [name, value] of forwardingHeaders(deps.clientAddress(request), publicUrl))
      if (!route.removeHeaders.includes(name)) headers.set(name, value)
    await route.onRequest?.(headers, session)
    return outgoingHeaders(headers)
  }

  async function relay(route: Route, request: RequestView, session: Session | null): Promise<Reply> {
    const { method, target, upgrade: handshake = false } = request
    const url = urlOf(route, target)
    if (handshake) checkHandshake(route, request)
    const length = declaredLength(request, route.maxBodyBytes)
    const bearer = await bearerOf(route, session, request.signal, deps.renew)
    const sent = handshake ? laterBody(request) : await takeBody(request, length, route)
    const headers = await headersOf(route, request, session)
    const exchange = openExchange(request.signal, deps.clock, route.totalTimeoutMs)
    try {
      const { origin, headersTimeoutMs } = route
      const call = { method, url, origin, headers, body: sent, headersTimeoutMs, exchange, handshake }
      const response = await sendAuthorized(call, bearer, { ...deps, nonces })
      const { status } = response
      const onFailure = (error: BffError) => report(route, request, error)
      if (handshake && status === 101 && response.body !== null) {
        const stream = exchange.stream(response.body, 0, onFailure)
        return { status, headers: switchHeaders(response), body: stream, signal: lasting(exchange, session) }
      }
      const body = bodyOf(response)
      const kept = replyHeaders(response, url, route, routes, session !== null)
      if (body === null || method === 'HEAD') {
        exchange.finish()
        return { status, headers: kept, body: null }
      }
      const endless = kept.some(
        ([name, value]) => name === 'content-type' && /^text\/event-stream\b/i.test(value),
      )
      return {
        status,
        headers: kept,
        body: exchange.stream(body, endless ? 0 : route.idleTimeoutMs, onFailure),
        ...(endless && { signal: lasting(exchange, session) }),
      }
    } catch (error) {
      exchange.finish()
      throw error
    }
  }

  /** An event stream or a WebSocket goes on for as long as its session lives (PRX-19). */
  function lasting(exchange: Exchange, session: Session | null): AbortSignal {
    const { signal } = exchange
    exchange.liftTotal()
    if (session !== null && !signal.aborted)
      signal.addEventListener('abort', sessions.watch(session, exchange.cut), { once: true })
    return signal
  }

  function report(route: Route, request: RequestView, error: unknown): void {
    // A client that left is no fault, and not refused either.
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
