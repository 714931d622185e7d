import type { Clock } from '../contracts/clock.ts'
import type { OriginSource } from '../contracts/origin-source.ts'
import { parseRanges } from '../internal/address.ts'
import { createAttachment } from '../internal/attachment.ts'
import { BffError } from '../internal/bff-error.ts'
import { requestHost } from '../internal/http/request-host.ts'
import { clock, given, listOf, number, origin, wholeNumber } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { type LoadOrigin, loadedOrigins } from './loaded-origins.ts'

export interface ListedOriginsOptions {
  /**
   * Networks and single addresses of your own proxies, such as `10.0.0.0/8`, that replace `Host` and write the host which the
   * browser asked for into `X-Forwarded-Host`. From every other peer that header is ignored. @default none: `Host` counts
   */
  readonly trustedProxies?: readonly string[]
}

export interface LoadedOriginsOptions extends ListedOriginsOptions {
  /**
   * The origin for what is not about a request, such as the issuer of a wallet's tokens. It is one of the BFF's origins
   * without being loaded, and the others have its scheme.
   */
  readonly main: string
  /**
   * Returns the origin of a host, such as `https://a.example.com` for `a.example.com`, and `null` for a host that is not the
   * app's. The host comes from a client: look it up, and do not put it into an origin unseen.
   */
  readonly load: LoadOrigin
  /**
   * How long a loaded origin is used before it is loaded again, in milliseconds. A host that is not yours is asked for again
   * after 5 seconds. @default 300_000. At least 1000
   */
  readonly ttlMs?: number
  /** How many are kept; the least recently used one goes first. @default 1000. From 1 to 100_000 */
  readonly max?: number
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

/**
 * Makes the option `origin` of a BFF that has several. The host of a request decides which of them it is for; a request for
 * any other host is refused with 421 `unknown_origin`. Redirect URI, cookies, CSRF check, return addresses and what APIs
 * learn of the host follow it, and a sign-in ends at the origin at which it began.
 *
 * All origins share the scheme, the stores and the users: a session belongs to its user, and a browser signs in at each
 * origin by itself. Give tenants whose users must not meet a BFF of their own, each with a `withPartition` of the store.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { origins } from '@bff/core/origins'
 *
 * export const forThreeCountries = (config: BffConfig) =>
 *   createBff({ ...config, origin: origins(['https://shop.example.com', 'https://shop.example.de']) })
 *
 * declare function tenantOf(host: string): Promise<{ readonly host: string } | null>
 * export const forTenants = (config: BffConfig) =>
 *   createBff({
 *     ...config,
 *     origin: origins({
 *       main: 'https://app.example.com',
 *       load: async (host) => ((await tenantOf(host)) === null ? null : `https://${host}`),
 *     }),
 *   })
 * ```
 */
export function origins(all: readonly string[], options?: ListedOriginsOptions): OriginSource
export function origins(options: LoadedOriginsOptions): OriginSource
export function origins(
  first: readonly string[] | LoadedOriginsOptions,
  options: ListedOriginsOptions = {},
): OriginSource {
  const proxies = { trustedProxies: given<readonly string[]>() }
  if (!isList(first)) {
    const {
      main,
      load,
      ttlMs,
      max,
      clock: own,
      trustedProxies,
    } = readOptions('origins', first, {
      ...proxies,
      main: origin(),
      load: given(first.load),
      ttlMs: number(300_000, 1_000, Number.MAX_SAFE_INTEGER),
      max: wholeNumber(1_000, 1, 100_000),
      clock: clock(),
    })
    if (typeof load !== 'function') throw invalid('load must be a function.')
    const attachment = createAttachment({ clock: own })
    const loaded = loadedOrigins({ main, load, ttlMs, max, clock: attachment.clock })
    const source = sourceOf(main, trustedProxies, (host) => (host === hostIn(main) ? main : loaded(host)))
    return { ...source, attach: attachment.attach }
  }
  const { trustedProxies } = readOptions('origins', options, proxies)
  const { all } = readOptions('origins', { all: first }, { all: listOf(origin()) })
  const [main] = all
  if (main === undefined) throw invalid('list at least one origin.')
  if (all.some((one) => schemeOf(one) !== schemeOf(main)))
    throw invalid(
      'must all be https, or all plain http: they share the name and the attributes of the cookie.',
    )
  const byHost = new Map(all.map((one) => [hostIn(one), one]))
  return { ...sourceOf(main, trustedProxies, (host) => byHost.get(host) ?? null), listed: all }
}

function sourceOf(
  main: string,
  proxies: readonly string[] | undefined,
  find: (host: string) => string | null | Promise<string | null>,
): OriginSource {
  const trusted = proxies === undefined ? null : parseRanges('trustedProxies', proxies)
  return {
    main,
    find(request) {
      const host = requestHost(request, trusted)
      return host === null ? null : find(withoutDefaultPort(host, main))
    },
  }
}

const DEFAULT_PORT = { 'https:': /:443$/, 'http:': /:80$/ }

const schemeOf = (text: string) => new URL(text).protocol as keyof typeof DEFAULT_PORT
const hostIn = (text: string) => new URL(text).host

const withoutDefaultPort = (host: string, main: string) => host.replace(DEFAULT_PORT[schemeOf(main)], '')

const isList = (first: readonly string[] | LoadedOriginsOptions): first is readonly string[] =>
  Array.isArray(first)

const invalid = (sentence: string) => new BffError('invalid_config', `origins: ${sentence}`)
