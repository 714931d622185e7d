import type { BffConfig, MetadataSchema } from './config.ts'
import { createConsoleSink } from './console-sink.ts'
import { createEncryptor } from './crypto/create-encryptor.ts'
import { createEmitter } from './emitter.ts'
import { admit } from './endpoints/admit.ts'
import { callbackEndpoint } from './endpoints/callback.ts'
import type { Endpoint, EndpointContext } from './endpoints/endpoint.ts'
import { reportFailedSignIn } from './endpoints/failed-sign-in.ts'
import { beginSignIn, loginEndpoint } from './endpoints/login.ts'
import { logoutCallbackEndpoint, logoutEndpoint } from './endpoints/logout.ts'
import { refreshEndpoint } from './endpoints/refresh.ts'
import { sessionEndpoint } from './endpoints/session.ts'
import { userEndpoint } from './endpoints/user.ts'
import { BffError } from './errors.ts'
import type { Extension } from './extension.ts'
import type { ApiProxy } from './http/api-proxy.ts'
import type { CsrfCheck } from './http/csrf.ts'
import { createPipeline } from './http/pipeline.ts'
import { errorReply } from './http/replies.ts'
import type { Reply } from './http/reply.ts'
import type { RequestView } from './http/request-view.ts'
import { webRequestView, webResponse } from './http/web.ts'
import { insecureOptionsOf } from './insecure-options.ts'
import { type ResolvedOptions, resolveOptions } from './options.ts'
import { createRefresher } from './refresh/refresher.ts'
import { createEnding } from './session/ending.ts'
import { isAccessTokenExpired } from './session/lifetime.ts'
import { createLogoutMarks } from './session/logout-marks.ts'
import type { Session, SessionRecord } from './session/model.ts'
import { createRequestSessions } from './session/request-sessions.ts'
import { LiveSession, recordOf } from './session/session.ts'
import { createSessions, type Sessions } from './session/sessions.ts'
import { createTokenRevocation } from './session/token-revocation.ts'
import { createUnderWay } from './under-way.ts'

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
   * @param options.csrf what vouches for the request: see {@link CsrfCheck}; `true` is `header`, `false` for pages a browser
   * navigates to. @default true
   * @throws BffError `csrf_violation`, `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`,
   * `store_unavailable`
   */
  requireSession(
    request: RequestView,
    options?: { readonly csrf?: CsrfCheck | boolean },
  ): Promise<Session<Metadata>>
  /** {@link Bff.handle} over Web-standard objects; answers 404 on paths that are not the BFF's. */
  fetch(request: Request): Promise<Response>
  /** The reply the BFF itself would send for an error, for the app's own routes. */
  errorReply(error: unknown): Reply
  /** Sessions as things to make, rotate, list and end. */
  readonly sessions: Sessions<Metadata>
  /** What it was configured with, defaults filled in, as far as a framework's adapter must know. */
  readonly options: Pick<ResolvedOptions, 'origin' | 'basePath' | 'cookieName' | 'csrf'>
  /**
   * The paths it answers, for frameworks that want each named. One that ends in `/*` stands for all below it, and for
   * itself without that ending.
   */
  readonly paths: readonly string[]
  /**
   * Waits for the requests under way, sends the token revocations that are left, for five seconds at most, and closes the
   * stores, the proxy's transport and what the extensions hold, a rate limiter, say. Idempotent.
   *
   * Who shares one of these among several BFFs gives each a `withPartition` of the store or a copy whose `close` does
   * nothing, and closes the original.
   */
  close(): Promise<void>
}

/** An upstream that refuses a token this young, and in the first half of its life, would refuse the next one too. */
const FRESH_TOKEN_MS = 10_000

/**
 * Makes a Backend-for-Frontend from its parts. Opens no connection; the first request does.
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
 * })
 * const response = await bff.fetch(new Request('https://app.example.com/bff/session'))
 * ```
 */
export function createBff<Metadata = Readonly<Record<string, unknown>>>(
  config: BffConfig<Metadata>,
): Bff<Metadata> {
  const options = resolveOptions(config)
  const { clock } = options
  const stores = config.store
  const provider = config.provider ?? null
  const emit = createEmitter(clock, stores.events, config.onEvent ?? createConsoleSink(clock))
  const encryptor = config.encryptor ?? createEncryptor({ keys: config.encryptionKeys ?? [], emit })
  const clientAddress = config.clientAddress ?? ((request) => request.remoteAddress ?? null)
  const hooks = (config.hooks ?? {}) as EndpointContext['hooks']

  const underWay = createUnderWay(clock)
  const revocation = createTokenRevocation({
    store: stores.sessions,
    provider,
    policy: options.logout.revokeTokens,
    clock,
    emit,
  })
  const marks = createLogoutMarks(stores.ttl, clock, options.login.transactionTtlMs)
  const ending = createEnding({ store: stores.sessions, encryptor, revocation, marks, clock, emit })
  const refresher =
    provider === null
      ? null
      : createRefresher({
          sessions: stores.sessions,
          ttl: stores.ttl,
          provider,
          ending,
          revocation,
          encryptor,
          clock,
          emit,
          options: options.refresh,
          underWay,
          onRefreshed,
        })
  const dependencies = { encryptor, ensureFresh }
  const view = (record: SessionRecord): Session => new LiveSession(record, dependencies)
  const requests = createRequestSessions({
    store: stores.sessions,
    ttl: stores.ttl,
    ending,
    encryptor,
    options,
    hooks,
    clock,
    emit,
    view,
    keepAlive: async (record) => (refresher === null ? record : refresher.keepAlive(record)),
  })
  const sessions: Sessions = createSessions({
    store: stores.sessions,
    ttl: stores.ttl,
    encryptor,
    clock,
    emit,
    ending,
    ...options.session,
    metadata: (config.session?.metadata ?? null) as MetadataSchema<Session['metadata']> | null,
    defaultTokenLifeMs: options.refresh.defaultTokenLifeMs,
    canRefresh: provider !== null,
    view,
    cookie: requests.cookie,
  })
  const proxy =
    config.proxy?.({
      origin: options.origin,
      cookieNames: [options.cookieName],
      clock,
      clientAddress,
      emit,
      stores,
      renew,
    }) ?? null
  const endpoints: Array<readonly [string, Endpoint]> = []
  const context: EndpointContext = {
    options,
    endpoints,
    stores,
    encryptor,
    provider,
    sessions,
    ending,
    marks,
    revocation,
    requests,
    hooks,
    clock,
    emit,
    clientAddress,
    refresh: async (record) => (refresher === null ? record : refresher.refresh(record)),
    admit: (draft, request) => admit(hooks, draft, request),
    signIn: (request, how) => beginSignIn(context, request, how),
    reportFailedSignIn: (error) => reportFailedSignIn(emit, 'authorize', error),
  }
  const extensions: Extension[] = []
  const own = {
    '/login': loginEndpoint(context, extensions),
    '/callback': callbackEndpoint(context, extensions),
    '/logout': logoutEndpoint(context),
    '/logout/callback': logoutCallbackEndpoint(context),
    '/session': sessionEndpoint(context),
    '/user': userEndpoint(context),
    '/refresh': refreshEndpoint(context),
  }
  for (const [path, endpoint] of Object.entries(own)) endpoints.push([options.basePath + path, endpoint])
  for (const extend of config.extensions ?? []) {
    const extension = extend(context)
    extensions.push(extension)
    endpoints.push(...Object.entries(extension.endpoints ?? {}))
  }
  const { handle, refuseForgery, replyTo } = createPipeline({
    options,
    endpoints,
    extensions,
    proxy,
    requests,
    emit,
    underWay,
  })
  for (const insecure of insecureOptionsOf({ config, options, extensions }))
    emit({ type: 'config.insecure', ...insecure })

  async function ensureFresh(record: SessionRecord): Promise<SessionRecord | null> {
    if (refresher !== null) return refresher.ensureFresh(record)
    if (isAccessTokenExpired(record, clock.now())) throw new BffError('token_expired')
    return record
  }

  // Not awaited: an app's slow hook must not hold the lease of a session that others wait for.
  function onRefreshed(record: SessionRecord): void {
    const told = async () => hooks.onRefresh?.(view(record))
    told().catch((cause: unknown) => emit({ type: 'hook.failed', hook: 'onRefresh', cause }))
  }

  async function renew(session: Session): Promise<Session | null> {
    const held = recordOf(session)
    const current = await stores.sessions.get(held.handle)
    if (current === null || current.revocation !== null) return null
    if (current.accessTokenIssuedAt !== held.accessTokenIssuedAt) return view(current)
    const issuedAt = current.accessTokenIssuedAt ?? 0
    const life = (current.accessTokenExpiresAt ?? Infinity) - issuedAt
    const age = clock.now() - issuedAt
    // A negative age means that a clock was set back: it says nothing about the token.
    const isYoung = age >= 0 && age < Math.min(FRESH_TOKEN_MS, life / 2)
    if (refresher === null || current.refreshTokenEncrypted === null || isYoung) return session
    const refreshed = await refresher.refresh(current)
    return refreshed === null ? null : view(refreshed)
  }

  let closing: Promise<void> | undefined
  let isClosed = false

  async function close(): Promise<void> {
    await underWay.close(options.refresh.leaseMs)
    // While the stores are open: what is left asks them whether it may still be sent.
    await revocation.close()
    isClosed = true
    try {
      await Promise.all(extensions.map(async (extension) => extension.close?.()))
    } finally {
      await Promise.all([proxy?.close(), stores.sessions.close()])
    }
  }

  function refuseOnceClosed(): void {
    if (isClosed) throw new BffError('shutting_down')
  }

  return {
    handle,
    async authenticate(request) {
      refuseOnceClosed()
      return (await requests.optional(request)) as Session<Metadata> | null
    },
    async requireSession(request, { csrf = true } = {}) {
      refuseOnceClosed()
      const check = csrf === true ? 'header' : csrf
      if (check !== false) refuseForgery(request, request.target.split('?', 1)[0] ?? '', check)
      return (await requests.require(request)) as Session<Metadata>
    },
    async fetch(request) {
      const reply = handle(webRequestView(request)) ?? errorReply(new BffError('not_found'))
      return webResponse(await reply)
    },
    errorReply: (error) => replyTo(error, 'app'),
    sessions: sessions as Sessions<Metadata>,
    options,
    paths: pathsOf(options.basePath, endpoints, proxy),
    close() {
      closing ??= close()
      return closing
    },
  }
}

function pathsOf(
  basePath: string,
  endpoints: EndpointContext['endpoints'],
  proxy: ApiProxy | null,
): readonly string[] {
  const below = `${basePath}/`
  const elsewhere = endpoints.map(([path]) => path).filter((path) => !path.startsWith(below))
  const proxied = (proxy?.paths ?? []).map((path) => `${path.replace(/\/$/, '')}/*`)
  return [...new Set([`${below}*`, ...elsewhere, ...proxied])]
}
