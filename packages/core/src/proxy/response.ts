import type { UpstreamResponse } from '../contracts/upstream.ts'
import { BffError } from '../internal/bff-error.ts'
import { connectionNames, HOP_BY_HOP, isBelow } from './request.ts'
import type { Route } from './routes.ts'

/**
 * Headers about the API's own server, or instructions to the browser that only the BFF may give for its origin (PRX-11). Without
 * `x-accel-buffering: no`, nginx would hold an event stream back.
 */
const NEVER_TO_CLIENT = new RegExp(
  `^(?:${[
    'set-cookie2?|www-authenticate|dpop-nonce|server|x-powered-by|x-aspnet.*|x-accel-(?!buffering$).*|vary',
    'x-sendfile.*|x-lighttpd-.*|x-litespeed-.*|x-reproxy-.*',
    'access-control-.*|clear-site-data|strict-transport-security|alt-svc|service-worker-allowed|refresh',
    '(?:sec-)?secure-session-.*|sec-session-.*|set-login|idp-signin-status|use-as-dictionary',
    'origin-agent-cluster|public-key-pins(?:-report-only)?|expect-ct',
    'nel|report-to|reporting-endpoints|accept-ch|critical-ch',
  ].join('|')})$`,
)

/** For responses that a page may embed: no page of another origin may embed them, and browsers must not guess their type. */
const EMBEDDED = [
  ['cross-origin-resource-policy', 'same-origin'],
  ['x-content-type-options', 'nosniff'],
] as const

/** What would let a cache keep a reply that is for one user; some caches prefer their own field (RFC 9213). */
const CACHING = /^(?:(?:.+-)?cache-control|edge-control|surrogate-.*|expires|pragma|age)$/

/**
 * Returns the API's headers that the browser may see (PRX-11, PRX-12).
 *
 * @param url the URL of the request to the API
 * @param isPrivate whether the request used a session, so that the reply is never cached (RFC 9111 §3.5, CKS-13)
 */
export function replyHeaders(
  { status, headers }: UpstreamResponse,
  url: string,
  route: Route,
  routes: readonly Route[],
  isPrivate: boolean,
): Array<readonly [string, string]> {
  let vary = ''
  let connection: string[] | null = null
  for (const [name, value] of headers) {
    if (name === 'vary') vary = vary === '' ? value : `${vary}, ${value}`
    else if (name === 'connection' && value.toLowerCase() !== 'keep-alive')
      connection = [...(connection ?? []), ...connectionNames(value)]
  }
  const kept: Array<readonly [string, string]> = [['vary', addCookie(vary)]]
  if (isPrivate) kept.push(['cache-control', 'no-store'])
  if (route.csrf === 'same-origin')
    kept.push(...EMBEDDED.filter(([name]) => !headers.some(([own]) => own === name)))
  for (const header of headers) {
    const [name, value] = header
    const dropped =
      HOP_BY_HOP.test(name) ||
      (isPrivate && CACHING.test(name)) ||
      (name === 'content-length' && status === 204) ||
      connection?.includes(name) ||
      route.removeResponseHeaders.includes(name)
    if (dropped) continue
    if (name === 'location' || name === 'content-location') {
      const location = publicLocation(value, url, route, routes)
      if (location !== null) kept.push([name, location])
    } else if (!NEVER_TO_CLIENT.test(name) || (name === 'set-cookie' && setsAllowed(value, route))) {
      kept.push(header)
    }
  }
  return kept
}

function addCookie(vary: string): string {
  if (vary === '') return 'Cookie'
  return /(?:^|,)\s*(?:\*|cookie)\s*(?:,|$)/i.test(vary) ? vary : `${vary}, Cookie`
}

const setsAllowed = (cookie: string, { allowSetCookie }: Route) =>
  allowSetCookie.includes(cookie.split(/[=;]/, 1)[0] ?? '')

const portOf = ({ port, protocol }: URL) => port || (protocol === 'https:' ? '443' : '80')

/** Whether `named` is `own` to an API that does not know whether its callers use TLS. */
function isVariant(own: URL, named: URL): boolean {
  if (own.hostname !== named.hostname) return false
  return portOf(own) === portOf(named) || own.port + named.port === ''
}

/**
 * Returns a URL of the API as the browser reaches it; `null` for an internal URL without a public path, and for text that is
 * not a URL. It percent-encodes bytes above ASCII, which many APIs send unencoded (RFC 9110 §10.2.2).
 */
function publicLocation(
  location: string,
  url: string,
  route: Route,
  routes: readonly Route[],
): string | null {
  const encoded = location.replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  if (!URL.canParse(encoded, url)) return null
  const named = new URL(encoded, url)
  const { protocol, origin, pathname, search, hash, href } = named
  if (protocol !== 'https:' && protocol !== 'http:') return null
  const all = [route, ...routes]
  const exact = all.filter((one) => one.origin === origin)
  const inside = exact.length > 0 ? exact : all.filter((one) => isVariant(new URL(one.origin), named))
  if (inside.length === 0) return href
  const host = inside.find((one) => one.rewritePath === undefined && isBelow(pathname, publicBase(one)))
  if (host === undefined) return null
  const path = pathname.slice(host.basePath.length)
  return (host.stripPrefix ? host.path + path : path) + search + hash
}

/** The part of an API's own paths that a route makes public. */
const publicBase = ({ basePath, path, stripPrefix }: Route) => (stripPrefix ? basePath : basePath + path)

/** RFC 9110 §15.3.5, §15.3.6, §15.4.5 */
const BODYLESS = new Set([204, 205, 304])

/**
 * Returns the body of an API's final response; `null` also when its status allows no body.
 *
 * @throws BffError `upstream_unavailable` for a status that does not exist
 */
export function bodyOf({ status, body }: UpstreamResponse): UpstreamResponse['body'] {
  if (status < 200 || status > 599) throw new BffError('upstream_unavailable')
  return BODYLESS.has(status) ? null : body
}
