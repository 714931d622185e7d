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
