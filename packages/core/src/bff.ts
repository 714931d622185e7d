import type { ApiProxy } from './contracts/api-proxy.ts'
import type { Bff } from './contracts/bff.ts'
import type { BffConfig, MetadataSchema } from './contracts/config.ts'
import type { Endpoint, PluginContext } from './contracts/endpoint.ts'
import type { Plugin } from './contracts/plugin.ts'
import type { Session, SessionRecord } from './contracts/session.ts'
import type { Sessions } from './contracts/sessions.ts'
import { insecureOptionsOf } from './insecure-options.ts'
import { BffError } from './internal/bff-error.ts'
import { createConsoleSink } from './internal/console-sink.ts'
import { createEncryptor } from './internal/crypto/create-encryptor.ts'
import { createEmitter } from './internal/emitter.ts'
import { errorReply } from './internal/http/replies.ts'
import { webRequestView, webResponse } from './internal/http/web.ts'
import { isAccessTokenExpired } from './internal/lifetime.ts'
import { createUnderWay } from './internal/under-way.ts'
import { resolveOptions } from './options.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { createRequestSessions } from './pipeline/request-sessions.ts'
import { createRefresher } from './refresh/refresher.ts'
import { createLogoutMarks } from './revocation/logout-marks.ts'
import { createEnding } from './revocation/session-ending.ts'
import { createTokenRevocation } from './revocation/token-revocation.ts'
import { LiveSession, recordOf } from './session/live-session.ts'
import { createSessions } from './session/sessions.ts'
import { admit } from './sign-in/admission.ts'
import { callbackEndpoint } from './sign-in/callback.ts'
import { reportFailedSignIn } from './sign-in/failed-sign-in.ts'
import { beginSignIn, loginEndpoint } from './sign-in/login.ts'
import { logoutCallbackEndpoint, logoutEndpoint } from './standard-endpoints/logout.ts'
import { refreshEndpoint } from './standard-endpoints/refresh.ts'
import { sessionEndpoint } from './standard-endpoints/session.ts'
import { userEndpoint } from './standard-endpoints/user.ts'

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
  const hooks = (config.hooks ?? {}) as PluginContext['hooks']

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
  const context: PluginContext = {
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
  const plugins: Plugin[] = []
  const own = {
    '/login': loginEndpoint(context, plugins),
    '/callback': callbackEndpoint(context, plugins),
    '/logout': logoutEndpoint(context),
    '/logout/callback': logoutCallbackEndpoint(context),
    '/session': sessionEndpoint(context),
    '/user': userEndpoint(context),
    '/refresh': refreshEndpoint(context),
  }
  for (const [path, endpoint] of Object.entries(own)) endpoints.push([options.basePath + path, endpoint])
  for (const extend of config.plugins ?? []) {
    const plugin = extend(context)
    plugins.push(plugin)
    endpoints.push(...Object.entries(plugin.endpoints ?? {}))
  }
  const { handle, refuseForgery, replyTo } = createPipeline({
    options,
    endpoints,
    plugins,
    proxy,
    requests,
    emit,
    underWay,
  })
  for (const insecure of insecureOptionsOf({ config, options, plugins }))
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
      await Promise.all(plugins.map(async (plugin) => plugin.close?.()))
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
  endpoints: PluginContext['endpoints'],
  proxy: ApiProxy | null,
): readonly string[] {
  const below = `${basePath}/`
  const elsewhere = endpoints.map(([path]) => path).filter((path) => !path.startsWith(below))
  const proxied = (proxy?.paths ?? []).map((path) => `${path.replace(/\/$/, '')}/*`)
  return [...new Set([`${below}*`, ...elsewhere, ...proxied])]
}
