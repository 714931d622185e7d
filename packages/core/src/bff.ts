import type { ApiProxy } from './contracts/api-proxy.ts'
import type { Bff } from './contracts/bff.ts'
import type { BffConfig } from './contracts/config.ts'
import type { CsrfCheck } from './contracts/csrf.ts'
import type { Endpoint } from './contracts/endpoint.ts'
import type { Plugin, PluginContext } from './contracts/plugin.ts'
import type { RequestView } from './contracts/request-view.ts'
import type { Session } from './contracts/session.ts'
import type { Sessions } from './contracts/sessions.ts'
import { insecureOptionsOf } from './insecure-options.ts'
import { BffError } from './internal/bff-error.ts'
import { pathOf } from './internal/http/path-of.ts'
import { errorReply } from './internal/http/replies.ts'
import { webRequestView, webResponse } from './internal/http/web.ts'
import { resolveOptions } from './options.ts'
import { assembleParts } from './parts.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { admit } from './sign-in/admission.ts'
import { reportFailedSignIn } from './sign-in/failed-sign-in.ts'
import { beginSignIn } from './sign-in/login.ts'
import { standardEndpoints } from './standard-endpoints/index.ts'

/**
 * Makes a Backend-for-Frontend from its configuration. It opens no connection; the first request does.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
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
export function createBff<
  Metadata = Readonly<Record<string, unknown>>,
  PublicKey extends keyof Metadata & string = never,
>(config: BffConfig<Metadata, PublicKey>): Bff<Metadata, PublicKey> {
  const options = resolveOptions(config)
  const plugins: Plugin[] = []
  const { parts, appRequests, settle, publishRest } = assembleParts(config, options, plugins)
  const { csrf, stores, hooks, clock, emit, findOrigin } = parts

  const endpoints: Array<readonly [string, Endpoint]> = []
  const context: PluginContext = {
    ...parts,
    endpoints,
    plugins,
    signIn: (request, how) => beginSignIn(context, request, how),
    admit: (...how) => admit(hooks, ...how),
    reportFailedSignIn: (error) => reportFailedSignIn(emit, 'authorize', error),
  }
  for (const createPlugin of [standardEndpoints, ...(config.plugins ?? [])]) {
    const plugin = createPlugin(context)
    plugins.push(plugin)
    endpoints.push(...Object.entries(plugin.endpoints ?? {}))
  }
  for (const plugin of plugins) plugin.onReady?.()
  if (options.sessionCookie.partitioned && !plugins.some((plugin) => plugin.embeds))
    throw new BffError(
      'invalid_config',
      "cookie.sameSite: 'none' needs the plugin embedding({ ancestors }) of @bff/core/embedding.",
    )
  const proxy =
    config.proxy?.({
      originOf: parts.originOf,
      cookieNames: [options.cookieName],
      clock,
      clientAddress: parts.clientAddress,
      emit,
      stores,
      tokens: parts.tokens,
    }) ?? null
  const handle = createPipeline({ parts, appRequests, endpoints, plugins, proxy })
  for (const insecure of insecureOptionsOf({ config, options, plugins }))
    emit({ type: 'config.insecure', ...insecure })

  let closing: Promise<void> | undefined
  let isClosed = false

  async function close(): Promise<void> {
    await settle()
    isClosed = true
    try {
      await Promise.all(plugins.map(async (plugin) => plugin.close?.()))
    } finally {
      await publishRest()
      await Promise.all([proxy?.close(), stores.sessions.close()])
    }
  }

  /** What comes before a session of the app's own routes is looked for. */
  function admitToApp(request: RequestView, check: CsrfCheck | boolean): void {
    if (isClosed) throw new BffError('shutting_down')
    if (check !== false) csrf.require(request, pathOf(request.target), check)
  }

  const bff: Bff<Metadata, PublicKey> = {
    handle,
    bffFor: () => bff,
    async getSession(request, { csrf: check = false } = {}) {
      if (check !== false && findOrigin !== null) await findOrigin(request)
      admitToApp(request, check)
      return (await appRequests.get(request)) as Session<Metadata> | null
    },
    async requireSession(request, { csrf: check = true } = {}) {
      if (check !== false && findOrigin !== null) await findOrigin(request)
      admitToApp(request, check)
      return (await appRequests.require(request)) as Session<Metadata>
    },
    refresh: (session) => parts.tokens.refreshSession(session) as Promise<Session<Metadata> | null>,
    async fetch(request) {
      const reply = handle(webRequestView(request)) ?? errorReply(new BffError('not_found'))
      return webResponse(await reply)
    },
    errorReply: (error) => parts.errorReply(error, 'app'),
    sessions: parts.sessions as Sessions<Metadata>,
    options: options as typeof options & Bff<Metadata, PublicKey>['options'],
    paths: pathsOf(options.basePath, endpoints, proxy),
    close() {
      closing ??= close()
      return closing
    },
  }
  return bff
}

function pathsOf(
  basePath: string,
  endpoints: PluginContext['endpoints'],
  proxy: ApiProxy | null,
): readonly string[] {
  const below = `${basePath}/`
  // Below `/` is the whole app: there each endpoint is a path of its own.
  const isBelow = (path: string) => basePath !== '' && path.startsWith(below)
  const elsewhere = endpoints.map(([path]) => path).filter((path) => !isBelow(path))
  const proxied = (proxy?.paths ?? []).map((path) => `${path.replace(/\/$/, '')}/*`)
  return [...new Set([...(basePath === '' ? [] : [`${below}*`]), ...elsewhere, ...proxied])]
}
