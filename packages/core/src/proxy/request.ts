import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'

/** Splits a target into its raw path and its raw query with the `?`, or empty. It decodes neither. */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const end = target.indexOf('?')
  if (end === -1) return [target, '']
  return [target.slice(0, end), end === target.length - 1 ? '' : target.slice(end)]
}

/** RFC 3986 path characters, and the three others that browsers do not encode in a path. */
const PATH = /^\/(?:[\w.~!$&'()*+,;=:@|[\]/-]|%[\da-f]{2})*$/i
/** An empty segment, which some servers merge away, or an encoded slash. */
const SPLITS_DIFFERENTLY = /\/\/|%2f/i
/** `.` and `..`, also as servers see them that cut path parameters or white space off a segment. */
const DOT_SEGMENT = /\/\.\.?\s*(?:[/;]|$)/
/** What a server that decodes twice would read as structure. */
const DOUBLE_ENCODED = /%(?:2[ef5]|5c|00)/i

/**
 * Decodes a raw path once. Returns `null` for a path that two servers could read differently (PRX-03): dot segments, encoded
 * or double-encoded separators, backslashes, control characters, broken or overlong encodings, and characters a URL parser
 * would rewrite. Path parameters (`;`) are refused unless `allowParameters`.
 */
export function decodePath(path: string, allowParameters = false): string | null {
  if (!PATH.test(path) || SPLITS_DIFFERENTLY.test(path)) return null
  if (!allowParameters && path.includes(';')) return null
  const decoded = path.includes('%') ? decodeUtf8(path) : path
  if (decoded === null || DOT_SEGMENT.test(decoded)) return null
  return /[\\\p{Cc}]/u.test(decoded) || DOUBLE_ENCODED.test(decoded) ? null : decoded
}

function decodeUtf8(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Whether a raw path is `prefix` itself or something below it. */
export function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}

/**
 * As {@link isBelow}, and also for a path that a more lenient parser could read as below the prefix: the route must refuse
 * it, so that it does not reach the app.
 */
export function seemsBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && /^(?:$|[/\\;]|%(?:2f|5c|3b|00))/i.test(path.slice(prefix.length))
}

/**
 * Returns the absolute URL of a base path, a path below it and a raw query; `null` when a URL parser would change it
 * (PRX-01). It never resolves user input against a base.
 */
export function joinUrl(origin: string, basePath: string, path: string, query: string): string | null {
  // Browsers encode this one character of a query; so do we, for the transport's parser would.
  const url = origin + (basePath + path || '/') + query.replaceAll("'", '%27')
  try {
    return new URL(url).href === url ? url : null
  } catch {
    return null
  }
}

/** The request headers that go to an API by default (PRX-09). */
export const REQUEST_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'pragma',
  'prefer',
  'range',
  'user-agent',
  'x-request-id',
]

/** Hop-by-hop, in both directions (PRX-07, RFC 9110 §7.6.1). */
export const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings)$/

/** Headers that the transport or the proxy sets, and headers from which some servers read path or user (PRX-05, PRX-08). */
const NEVER_FROM_CLIENT =
  /^(?:authorization|cookie2?|dpop|x-csrf|host|content-length|expect|(?:x-)?forwarded(?:-.*)?|x-real-ip|x-(?:original|rewrite)-ur[il])$/

export const isHeaderName = (name: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)

// CGI and WSGI servers read `_` and `-` as one (CVE-2025-64484).
const normalise = (name: string) => name.toLowerCase().replaceAll('_', '-')

/** Whether a client's header of this name may ever go upstream. */
export function isForwardable(name: string): boolean {
  const normal = normalise(name)
  return !HOP_BY_HOP.test(normal) && !NEVER_FROM_CLIENT.test(normal)
}

/** The names a `Connection` header declares hop-by-hop. */
export const connectionNames = (value = '') => value.split(',').map((name) => normalise(name.trim()))

function checkValue(code: BffErrorCode, name: string, value: string): void {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new BffError(
      code,
      `The value of the ${name} header has characters that a header cannot carry. Remove them.`,
    )
}

/** Headers with lower-case names, each once. */
export type HeaderList = Array<readonly [name: string, value: string]>

/** Returns the client's headers that go to the API. It reads each by its exact name, so that similar names are left out. */
export function clientHeaders(names: readonly string[], request: RequestView): HeaderList {
  const headers: HeaderList = []
  const connection = declaredHopByHop(request.header('connection'))
  for (const name of names) {
    const value = request.header(name)
    if (value === undefined || connection?.includes(normalise(name))) continue
    checkValue('bad_request', name, value)
    headers.push([name, value])
  }
  return headers
}

/** The names a `Connection` header declares hop-by-hop; `null` when it says only whether to keep the connection. */
const declaredHopByHop = (connection: string | undefined) =>
  connection === undefined || /^(?:keep-alive|close)$/i.test(connection) ? null : connectionNames(connection)

/** Returns the forwarding headers, made only from the client address and the configuration (RFC 7239, PRX-20). */
export function forwardingHeaders(
  clientAddress: string | null,
  { host, protocol }: Pick<URL, 'host' | 'protocol'>,
): HeaderList {
  const proto = protocol.slice(0, -1)
  const headers: HeaderList = [
    ['x-forwarded-host', host],
    ['x-forwarded-proto', proto],
  ]
  let node = 'unknown'
  if (clientAddress !== null && /^[\w.:%-]+$/.test(clientAddress)) {
    const address = clientAddress.replace(/^::ffff:(?=[\d.]+$)/i, '')
    headers.push(['x-forwarded-for', address])
    node = address.includes(':') ? `"[${address}]"` : address
  }
  headers.push(['forwarded', `for=${node};host="${host}";proto=${proto}`])
  return headers
}

/**
 * Returns the headers after a route's `onRequest`, as they are sent: names in lower case (PRX-10), without connection
 * headers.
 *
 * @throws BffError `invalid_argument` for a name or value that a header cannot have
 */
export function outgoingHeaders(headers: Iterable<readonly [string, string]>): HeaderList {
  const outgoing = new Map<string, string>()
  for (const [name, value] of headers) {
    if (!isHeaderName(name))
      throw new BffError(
        'invalid_argument',
        'onRequest set a header whose name is not valid. Use a token of RFC 9110.',
      )
    checkValue('invalid_argument', name, value)
    const lower = name.toLowerCase()
    if (!HOP_BY_HOP.test(lower) && !/^(?:host|content-length|expect|dpop)$/.test(lower))
      outgoing.set(lower, value)
  }
  return [...outgoing]
}
