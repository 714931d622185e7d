/** Browsers, proxies and the cookie of a sign-in take addresses of this many characters. */
const MAX_LENGTH = 2048

/**
 * `path` in the characters a header can carry, all others percent-encoded as UTF-8 (RFC 3986 §2.1), or `null` unless
 * it is a place on this origin and nothing else (BFF-22): it starts with one slash, holds no backslash, control
 * character, white space or half of a surrogate pair, and has at most 2048 characters once it is encoded.
 */
export function localPath(path: string): string | null {
  if (path.length > MAX_LENGTH || !/^\/(?![/\\])[^\\\p{Cc}\p{Cs}\s]*$/u.test(path)) return null
  const encoded = path.replace(/[^!-~]+/g, encodeURIComponent)
  return encoded.length <= MAX_LENGTH ? encoded : null
}
