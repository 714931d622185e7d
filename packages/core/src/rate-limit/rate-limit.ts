import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import type { RateLimitPolicy } from '../contracts/rate-limiter.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { csrfViolation } from '../internal/http/csrf.ts'
import { isAheadOfTime } from '../internal/http/opened.ts'
import { refuseUnknown } from '../internal/options.ts'
import { createGuard, type LimitingOptions } from './guard.ts'
import { normalisePath, pathTable, policyOf, type RateLimit } from './policies.ts'

export interface RateLimitOptions extends RateLimit, LimitingOptions {
  /**
   * Separate limits, by absolute path such as `/bff/login`, or by prefix such as `/api/reports/*`; each is one bucket for
   * the path and everything below it. A path with another case, encoding, `;` parameters or extra slashes, which an API may
   * ignore, is the same path. Members that a limit leaves out have the values of other endpoints. @default none
   */
  readonly endpoints?: Readonly<Record<string, RateLimit>>
  /**
   * The limit for all paths that are not below the base path, as one bucket. An endpoint outside the base path with its own
   * bucket, as in `@bff/wallet`, has the limit of endpoints below it. @default 600 a minute, 100 at once
   */
  readonly apis?: RateLimit
  /** Paths, or prefixes such as `/api/public/*`, that are not limited. They must match exactly. @default none */
  readonly exclude?: readonly string[]
}

const OPTIONS = [
  'requestsPerMinute',
  'burst',
  'endpoints',
  'apis',
  'exclude',
  'key',
  'ipv6Prefix',
  'headers',
  'limiter',
  'onOutage',
  'onLimitExceeded',
]

/** Also for servers that call an endpoint, because a server may never repeat a refused call. */
const API_LIMIT = { requestsPerMinute: 600, burst: 100 }

/** Whether no user has opened the address: a prefetch, a prerender, an image, a frame. */
const isUnopened = (request: RequestView) =>
  isAheadOfTime(request) || (request.header('sec-fetch-dest') ?? 'document') !== 'document'

/** Whether the browser says that a page of another site makes the request, which the loosest CSRF check refuses. */
function isForged(request: RequestView, { csrf, origins }: PluginContext['options']): boolean {
  const reason = csrfViolation(request, { ...csrf, headerOnly: false }, 'form')
  // Of several origins, that of a handshake is not known here.
  if (request.upgrade)
    return reason === 'origin' && request.header('origin') !== undefined && origins === null
  return reason === 'sec_fetch_site' && request.header('sec-fetch-site') !== 'none'
}

/**
 * Limits how often each client may call each of the BFF's endpoints, and the APIs behind it (RLM-01 to RLM-10). It runs
 * before CSRF checks, stores and bodies, and charges every request, regardless of its result. Only what a page makes a browser
 * send is free where it is refused: a request that the browser says is from another site, and a prefetch, frame or image of
 * the sign-in or sign-out link. Put it first in `plugins`.
 *
 * When neither the framework (Next, `bff.fetch`) nor `clientAddress` knows the client address, requests are not limited by
 * address, and the first one emits `config.insecure`.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { rateLimit } from '@bff/core/rate-limit'
 *
 * export const limited = (config: BffConfig) =>
 *   createBff({
 *     ...config,
 *     plugins: [
 *       rateLimit({ endpoints: { '/bff/login': { requestsPerMinute: 10, burst: 5 } }, exclude: ['/bff/session'] }),
 *     ],
 *   })
 * ```
 */
export function rateLimit(options: RateLimitOptions = {}): PluginFactory {
  refuseUnknown('rateLimit', options, OPTIONS)
  return (context) => {
    const { clientAddress, clock, emit } = context
    const { basePath } = context.options
    const base = { requestsPerMinute: options.requestsPerMinute ?? 60, burst: options.burst ?? 10 }
    for (const [path, limit] of Object.entries({ ...options.endpoints, apis: options.apis ?? {} }))
      refuseUnknown(`the rate limit for ${path}`, limit, ['requestsPerMinute', 'burst'])
    const nameOf = (path: string) =>
      path.startsWith(`${basePath}/`) ? path.slice(basePath.length + 1) : path
    const own = Object.entries(options.endpoints ?? {}).map(
      ([path, limit]) => [path, policyOf(nameOf(path), limit, base)] as const,
    )
    const other = policyOf('other', {}, base)
    // Below `/` is the whole app, with the proxy's routes.
    const unnamed = basePath === '' ? [] : [[`${basePath}/*`, other] as const]
    const tableOf = (limited: Iterable<readonly [string, RateLimitPolicy]>) =>
      pathTable('endpoints', [...limited, ...unnamed, ...own], normalisePath)
    let limits = tableOf([])
    let ignoresUnopened: ReadonlySet<string> = new Set()
    let unlimited = pathTable<true>('endpoints', [])
    /** The methods that have no CSRF check, by path. */
    let unchecked = pathTable<readonly string[]>('endpoints', [])
    const apis = policyOf('apis', options.apis ?? {}, API_LIMIT)
    const excluded = pathTable(
      'exclude',
      (options.exclude ?? []).map((path) => [path, true]),
    )
    const guard = createGuard({ ...options, clientAddress, clock, emit })
    /** A request that a page or browser makes by itself is refused at no cost, and must not take the user's tokens. */
    const isFree = (request: RequestView, path: string) =>
      excluded(path) === true ||
      unlimited(path) === true ||
      (request.method === 'GET' && ignoresUnopened.has(path) && isUnopened(request)) ||
      (!unchecked(path)?.includes(request.method === 'HEAD' ? 'GET' : request.method) &&
        isForged(request, context.options))
    return {
      limitsRate: true,
      onReady() {
        refuseMisplaced(Object.keys(options.endpoints ?? {}), context)
        const limited = context.endpoints.flatMap(([path, { limit }]) =>
          limit === undefined || limit === 'none' ? [] : [{ path, ...limit }],
        )
        unlimited = pathTable(
          'endpoints',
          context.endpoints.flatMap(([path, { limit }]) => (limit === 'none' ? [[path, true]] : [])),
        )
        unchecked = pathTable(
          'endpoints',
          context.endpoints.map(([path, { csrfExempt = [] }]) => [path, csrfExempt]),
        )
        const plain = context.endpoints.flatMap(([path, { limit }]) =>
          basePath === '' && limit === undefined ? [[path, other] as const] : [],
        )
        limits = tableOf([
          ...plain,
          ...limited.map(
            ({ path, bucket, callers }) =>
              [path, policyOf(bucket, {}, callers === 'api' ? API_LIMIT : base)] as const,
          ),
        ])
        ignoresUnopened = new Set(limited.filter((one) => one.ignoreUnopened).map(({ path }) => path))
      },
      middleware: (request, path, next) =>
        isFree(request, path) ? next() : guard(request, limits(path) ?? apis, next),
      close: () => guard.close(),
    }
  }
}

/** A path without the base path would limit an app's path of that name in silence. */
function refuseMisplaced(
  paths: readonly string[],
  { endpoints, options: { basePath } }: PluginContext,
): void {
  if (basePath === '') return
  const misplaced = paths.find((path) => endpoints.some(([known]) => known === basePath + path))
  if (misplaced !== undefined)
    throw new BffError(
      'invalid_config',
      `endpoints takes absolute paths: write ${basePath}${misplaced} for ${misplaced}.`,
    )
}
