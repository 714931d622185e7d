import type { BffConfig, MetadataSchema } from './config.ts'
import { createEncryptor } from './crypto/create-encryptor.ts'
import { createEmitter, forLog, warnOnConsole } from './emitter.ts'
import { callbackEndpoint } from './endpoints/callback.ts'
import type { Endpoint, EndpointContext } from './endpoints/endpoint.ts'
import { loginEndpoint } from './endpoints/login.ts'
import { logoutCallbackEndpoint, logoutEndpoint } from './endpoints/logout.ts'
import { refreshEndpoint } from './endpoints/refresh.ts'
import { sessionEndpoint } from './endpoints/session.ts'
import { userEndpoint } from './endpoints/user.ts'
import { BffError, isBffError } from './errors.ts'
import { csrfViolation } from './http/csrf.ts'
import { errorReply, jsonReply } from './http/replies.ts'
import type { Reply } from './http/reply.ts'
import type { RequestView } from './http/request-view.ts'
import { webRequestView, webResponse } from './http/web.ts'
import { resolveOptions } from './options.ts'
import { fetchUpstream } from './proxy/fetch-upstream.ts'
import { isOriginForm } from './proxy/path.ts'
import { createProxy, type ProxyRoute } from './proxy/proxy.ts'
import { createRefresher } from './refresh/refresher.ts'
import { isAccessTokenExpired } from './session/lifetime.ts'
import type { Session, SessionRecord } from './session/model.ts'
import { createRequestSessions } from './session/request-sessions.ts'
import { createSession, recordOf } from './session/session.ts'
import { createSessions, type Sessions } from './session/sessions.ts'

/** A running Backend-for-Frontend. */
export interface Bff<Metadata = Readonly<Record<string, unknown>>> {
  /** Answers a request to one of the BFF's own paths; `undefined`, synchronously, when the path is the app's. */
  handle(request: RequestView): Promise<Reply> | undefined
  /**
   * The live session of a request, or `null`. Asked twice for one request it reads the store once; it never
   * touches the response.
   *
   * @throws BffError `store_unavailable`: an outage is not a sign-out
   */
  authenticate(request: RequestView): Promise<Session<Metadata> | null>
  /**
   * The live session of a request to one of the app's own API routes, after the same CSRF check the BFF's own
   * endpoints make.
   *
   * @param options.csrf `false` for pages a browser navigates to. @default true
   * @throws BffError `csrf_violation`, `no_session`, `session_expired`, `invalid_session`, `store_unavailable`
   */
  requireSession(request: RequestView, options?: { readonly csrf?: boolean }): Promise<Session<Metadata>>
  /** {@link Bff.handle} over Web-standard objects; answers 404 on paths that are not the BFF's. */
  fetch(request: Request): Promise<Response>
  /** The reply the BFF itself would send for an error, for the app's own routes. */
  errorReply(error: unknown): Reply
  /** Sessions as things to make, rotate, list and end. */
  readonly sessions: Sessions<Metadata>
  /** Closes the stores and the proxy's transport. Idempotent. */
  close(): Promise<void>
}

/** Errors that prove the browser's cookie dead; the reply takes it away. */
const DEAD = new Set(['session_expired', 'invalid_session', 'refresh_rejected'])

/** An upstream that refuses a token this young would refuse the next one too. */
const FRESH_TOKEN_MS = 10_000

type Answer = (request: RequestView, query: URLSearchParams) => Promise<Reply>

/**
 * Makes a Backend-for-Frontend from its parts. Opens nothing and reads no environment; the first request does.
 *
 * @throws BffError `invalid_config`, naming the option and what it takes
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const bff = createBff({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 *   proxy: [{ path: '/api', target: 'https://orders.example.com' }],
 * })
 * const response = await bff.fetch(new Request('https://app.example.com/bff/session'))
 * ```
 */
export function createBff<Metadata = Readonly<Record<string, unknown>>>(
  config: BffConfig<Metadata>,
): Bff<Metadata> {
  const options = resolveOptions(config)
  const { clock, basePath } = options
  const stores = config.store
  const provider = config.provider ?? null
  const emit = createEmitter(clock, stores.events, config.onEvent ?? warnOnConsole)
  const encryptor = config.encryptor ?? createEncryptor({ keys: config.encryptionKeys ?? [], emit })
  const hooks = (config.hooks ?? {}) as EndpointContext['hooks']

  const refresher =
    provider === null
      ? null
      : createRefresher({
          sessions: stores.sessions,
          ttl: stores.ttl,
          provider,
          encryptor,
          clock,
          emit,
          options: options.refresh,
          onRefreshed,
        })
  const view = (record: SessionRecord): Session => createSession(record, { encryptor, ensureFresh })
  const requests = createRequestSessions({ store: stores.sessions, options, hooks, clock, emit, view })
  const sessions: Sessions = createSessions({
    store: stores.sessions,
    encryptor,
    clock,
    emit,
    ...options.session,
    metadata: (config.session?.metadata ?? null) as MetadataSchema<Session['metadata']> | null,
    defaultTokenLifeMs: options.refresh.defaultTokenLifeMs,
    view,
    cookie: requests.cookie,
  })
  const upstream = config.upstream ?? fetchUpstream()
  const proxy = createProxy({
    routes: config.proxy ?? [],
    upstream,
    clock,
    emit,
    origin: options.origin,
    cookieNames: [options.cookieName],
    renew,
  })
  const context: EndpointContext = {
    options,
    stores,
    encryptor,
    provider,
    sessions,
    requests,
    hooks,
    clock,
    emit,
    refresh: async (record) => (refresher === null ? record : refresher.refresh(record)),
  }
  const endpoints = new Map<string, Endpoint>([
    [`${basePath}/login`, loginEndpoint(context)],
    [`${basePath}/callback`, callbackEndpoint(context)],
    [`${basePath}/logout`, logoutEndpoint(context)],
    [`${basePath}/logout/callback`, logoutCallbackEndpoint(context)],
    [`${basePath}/session`, sessionEndpoint(context)],
    [`${basePath}/user`, userEndpoint(context)],
    [`${basePath}/refresh`, refreshEndpoint(context)],
  ])
  if (!options.secure)
    emit({
      type: 'config.insecure',
      option: 'origin',
      message: 'Plain http on localhost: cookies are not Secure. Use https anywhere else.',
    })

  async function ensureFresh(record: SessionRecord): Promise<SessionRecord | null> {
    if (refresher !== null) return refresher.ensureFresh(record)
    if (isAccessTokenExpired(record, clock.now())) throw new BffError('token_expired')
    return record
  }

  async function onRefreshed(record: SessionRecord): Promise<void> {
    try {
      await hooks.onRefresh?.(view(record))
    } catch (cause) {
      emit({ type: 'hook.failed', hook: 'onRefresh', cause })
    }
  }

  async function renew(session: Session): Promise<Session | null> {
    const held = recordOf(session)
    const current = await stores.sessions.get(held.handle)
    if (current === null || current.revocation !== null) return null
    if (current.accessTokenIssuedAt !== held.accessTokenIssuedAt) return view(current)
    const age = clock.now() - (current.accessTokenIssuedAt ?? 0)
    if (refresher === null || current.refreshTokenEncrypted === null || age < FRESH_TOKEN_MS) return session
    const refreshed = await refresher.refresh(current)
    return refreshed === null ? null : view(refreshed)
  }

  function refuseForgery(request: RequestView, path: string): void {
    const reason = csrfViolation(request, options.csrf)
    if (reason === null) return
    emit({ type: 'csrf.rejected', reason, path: forLog(path) })
    throw new BffError('csrf_violation')
  }

  function answerOf(endpoint: Endpoint, path: string): Answer {
    return async (request, query) => {
      const answer = endpoint.methods[request.method]
      if (answer === undefined) {
        const allow = Object.keys(endpoint.methods).join(', ')
        const { message, code } = new BffError('method_not_allowed')
        return jsonReply(405, { error: code, message }, [], [['allow', allow]])
      }
      if (!endpoint.navigation?.includes(request.method)) refuseForgery(request, path)
      return answer(request, query)
    }
  }

  function relay(route: ProxyRoute, path: string): Answer {
    return async (request) => {
      refuseForgery(request, path)
      return proxy.forward(route, request, await sessionFor(route, request))
    }
  }

  async function sessionFor({ token = 'user' }: ProxyRoute, request: RequestView): Promise<Session | null> {
    if (token === 'none') return null
    if (token === 'user') return requests.require(request)
    const found = await requests.load(request)
    return found.state === 'live' && (await requests.touch(found.session)) ? found.session : null
  }

  function replyTo(error: unknown, path: string): Reply {
    const code = isBffError(error) ? error.code : 'internal_error'
    const cause = isBffError(error) && error.cause !== undefined ? error.cause : error
    if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation: forLog(path), cause })
    else if (!isBffError(error) || error.status === 500 || error.status === 503)
      emit({ type: 'request.failed', code, path: forLog(path), cause })
    return errorReply(error, DEAD.has(code) ? [requests.deletion] : [])
  }

  const endpointAnswers = new Map([...endpoints].map(([path, endpoint]) => [path, answerOf(endpoint, path)]))
  const nothingHere: Answer = async () => {
    throw new BffError('not_found')
  }
  const notOriginForm: Answer = async () => {
    throw new BffError('invalid_path')
  }

  function find(target: string, path: string): Answer | undefined {
    const answer = endpointAnswers.get(path)
    if (answer !== undefined) return answer
    if (!isOriginForm(target)) return notOriginForm
    if (path === basePath || path.startsWith(`${basePath}/`)) return nothingHere
    const route = proxy.match(path)
    return route === null ? undefined : relay(route, path)
  }

  function handle(request: RequestView): Promise<Reply> | undefined {
    const { target } = request
    const end = target.indexOf('?')
    const path = end === -1 ? target : target.slice(0, end)
    const answer = find(target, path)
    if (answer === undefined) return undefined
    const query = new URLSearchParams(end === -1 ? '' : target.slice(end))
    return answer(request, query).catch((error: unknown) => replyTo(error, path))
  }

  return {
    handle,
    async authenticate(request) {
      const found = await requests.load(request)
      const live = found.state === 'live' && (await requests.touch(found.session))
      return live ? (found.session as Session<Metadata>) : null
    },
    async requireSession(request, { csrf = true } = {}) {
      if (csrf) refuseForgery(request, request.target.split('?', 1)[0] ?? '')
      return (await requests.require(request)) as Session<Metadata>
    },
    async fetch(request) {
      const reply = handle(webRequestView(request)) ?? errorReply(new BffError('not_found'))
      return webResponse(await reply)
    },
    errorReply: (error) => replyTo(error, 'app'),
    sessions: sessions as Sessions<Metadata>,
    async close() {
      await Promise.all([upstream.close(), stores.sessions.close()])
    },
  }
}
