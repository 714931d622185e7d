import type { BffConfig, PartsConfig } from './contracts/config.ts'
import type { MetadataSchema } from './contracts/config-sections.ts'
import type { CsrfCheck } from './contracts/csrf.ts'
import type { Parts, StandaloneParts } from './contracts/parts.ts'
import type { Plugin } from './contracts/plugin.ts'
import type { RequestSessions } from './contracts/request-sessions.ts'
import type { RequestView } from './contracts/request-view.ts'
import type { ResolvedOptions } from './contracts/resolved-options.ts'
import type { Session, SessionRecord } from './contracts/session.ts'
import type { Sessions } from './contracts/sessions.ts'
import { insecureOptionsOf } from './insecure-options.ts'
import { BffError } from './internal/bff-error.ts'
import { createConsoleSink } from './internal/console-sink.ts'
import { encryptorOn } from './internal/crypto/create-encryptor.ts'
import { nodeCrypto } from './internal/crypto/platform.ts'
import { createEmitter } from './internal/emitter.ts'
import { forLog } from './internal/for-log.ts'
import { guardedProvider } from './internal/guarded-provider.ts'
import { csrfViolation } from './internal/http/csrf.ts'
import { createErrorReply } from './internal/http/reported-error.ts'
import { createUnderWay } from './internal/under-way.ts'
import { resolveOptions } from './options.ts'
import { createRequestSessions } from './pipeline/request-sessions.ts'
import { createApiTokens } from './refresh/api-tokens.ts'
import { createRefresher } from './refresh/refresher.ts'
import { createTokenRefresh, noRefresher } from './refresh/token-refresh.ts'
import { originsOf } from './request-origin.ts'
import { createLogoutMarks } from './revocation/logout-marks.ts'
import { createSessionRevocation } from './revocation/session-revocation.ts'
import { createTokenRevocation } from './revocation/token-revocation.ts'
import { LiveSession, type SessionDependencies } from './session/live-session.ts'
import { createTokenOpener } from './session/opened-tokens.ts'
import { createSessions } from './session/sessions.ts'
import { createVerifiedSecrets } from './session/verified-secrets.ts'

/** The parts, and how their owner settles them. */
interface AssembledParts {
  readonly parts: Parts
  /** The sessions of requests of the app and to its APIs, which may come from the cache. */
  readonly appRequests: RequestSessions
  /** Waits for the work under way and sends the remaining token revocations. The stores stay open. */
  settle(): Promise<void>
  /** Waits for the bus to take what was emitted. Nothing may be emitted afterwards. */
  publishRest(): Promise<void>
}

/**
 * Makes the parts of a BFF for an app that composes them itself: sessions, refresh, cookie and CSRF check, without
 * endpoints. `createMiddleware()` of `@bff/core/compose` guards routes with them. It opens no connection.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { createParts, generateEncryptionKey } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const parts = createParts({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 * })
 * const { cookie } = await parts.sessions.create({ userId: 'alice' })
 * ```
 */
export function createParts<Metadata = Readonly<Record<string, unknown>>>(
  config: PartsConfig<Metadata>,
): StandaloneParts<Metadata> {
  const options = resolveOptions(config, 'createParts')
  const { parts, settle, publishRest } = assembleParts(config, options)
  // The app puts limitRequests() before its own routes, where it likes.
  const plugins = [{ limitsRate: true }]
  for (const insecure of insecureOptionsOf({ config, options, plugins }))
    parts.emit({ type: 'config.insecure', ...insecure })
  let closing: Promise<void> | undefined
  return {
    ...parts,
    sessions: parts.sessions as Sessions<Metadata>,
    close() {
      closing ??= settle()
        .then(publishRest)
        .then(() => parts.stores.sessions.close())
      return closing
    },
  }
}

/** Makes the parts from a checked configuration, from the lowest to the highest. */
export function assembleParts<Metadata>(
  config: PartsConfig<Metadata> & Pick<BffConfig, 'cache'>,
  options: ResolvedOptions,
  plugins: readonly Plugin[] = [],
): AssembledParts {
  const { clock } = options
  const hooks = (config.hooks ?? {}) as Parts['hooks']
  const { emit, close: closeEmitter } = createEmitter(
    clock,
    config.store.events,
    config.onEvent ?? createConsoleSink(clock),
  )
  const { sessions: sessionStore, ttl, events } = config.store
  const attachable = [
    sessionStore,
    ttl,
    events,
    config.provider,
    config.encryptor,
    config.clientAddress,
    options.origins,
  ]
  for (const part of attachable) part?.attach?.({ clock, emit })
  const provider = config.provider ? guardedProvider(config.provider) : null
  const cache = config.cache?.({ stores: config.store, clock, emit })
  const stores = cache === undefined ? config.store : { ...config.store, sessions: cache.sessions }
  const encryptor = config.encryptor ?? encryptorOn(nodeCrypto(), { keys: config.encryptionKeys ?? [], emit })
  const underWay = createUnderWay(clock)

  const tokenRevocation = createTokenRevocation({
    store: stores.sessions,
    provider,
    policy: options.logout.revokeTokens,
    clock,
    emit,
  })
  const marks = createLogoutMarks(stores.ttl, clock, options.login.transactionTtlMs)
  const sessionRevocation = createSessionRevocation({
    store: stores.sessions,
    encryptor,
    tokenRevocation,
    marks,
    clock,
    emit,
  })
  const refreshing = {
    sessions: stores.sessions,
    ttl: stores.ttl,
    sessionRevocation,
    tokenRevocation,
    encryptor,
    clock,
    emit,
    underWay,
    options: { ...options.refresh, ...options.session },
    onRefreshed,
  }
  const refresher = provider === null ? noRefresher(clock) : createRefresher({ ...refreshing, provider })
  const tokens = createTokenRefresh(refresher, {
    canRefresh: provider !== null,
    sessions: stores.sessions,
    clock,
    view,
  })
  const viewed: SessionDependencies = {
    encryptor,
    openAccessTokens: createTokenOpener(encryptor),
    ensureFresh: refresher.ensureFresh,
    isFresh: refresher.isFresh,
    tokensFor: provider === null ? notConfigured : createApiTokens({ ...refreshing, provider }),
  }
  function view(record: SessionRecord): Session {
    return new LiveSession(record, viewed)
  }

  // Not awaited: an app's slow hook must not hold the lease of a session that others wait for.
  function onRefreshed(record: SessionRecord): void {
    const notify = async () => hooks.onRefresh?.(view(record))
    notify().catch((cause: unknown) => emit({ type: 'hook.failed', hook: 'onRefresh', cause }))
  }

  const loading = {
    verified: createVerifiedSecrets(),
    store: stores.sessions,
    ttl: stores.ttl,
    sessionRevocation,
    encryptor,
    options,
    hooks,
    clock,
    emit,
    plugins,
    view,
    keepAlive: refresher.keepAlive,
  }
  const requests = createRequestSessions(loading)
  const appRequests = cache === undefined ? requests : createRequestSessions({ ...loading, cache })
  const sessions: Sessions = createSessions({
    store: stores.sessions,
    ttl: stores.ttl,
    encryptor,
    clock,
    emit,
    sessionRevocation,
    marks,
    ...options.session,
    metadata: (config.session?.metadata ?? null) as MetadataSchema<Session['metadata']> | null,
    defaultTokenLifeMs: options.refresh.defaultTokenLifeMs,
    canRefresh: provider !== null,
    view,
    cookie: requests.cookie,
  })

  const policyOf = (request: RequestView) =>
    options.origins === null ? options.csrf : { ...options.csrf, origin: parts.originOf(request) }

  const parts: Parts = {
    options,
    stores,
    encryptor,
    provider,
    sessions,
    requests,
    tokens,
    sessionRevocation,
    marks,
    tokenRevocation,
    hooks,
    clock,
    emit,
    lifecycle: underWay,
    clientAddress: config.clientAddress ?? ((request) => request.remoteAddress ?? null),
    ...originsOf(options),
    csrf: {
      require(request: RequestView, path: string, check: CsrfCheck | boolean = true) {
        if (check === false) return
        const reason = csrfViolation(request, policyOf(request), check === true ? 'header' : check)
        if (reason === null) return
        emit({ type: 'csrf.rejected', reason, path: forLog(path) })
        throw new BffError('csrf_violation')
      },
    },
    errorReply: createErrorReply(emit),
  }
  return {
    parts,
    appRequests,
    async settle() {
      await underWay.close(options.refresh.leaseMs)
      // While the stores are open: what is left asks them whether it may still be sent.
      await tokenRevocation.close()
    },
    publishRest: closeEmitter,
  }
}

async function notConfigured(): Promise<never> {
  throw new BffError('not_configured')
}
