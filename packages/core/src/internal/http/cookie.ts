import { BffError } from '../bff-error.ts'
import { token } from '../option-rules.ts'
import type { OptionRule } from '../options.ts'

/** How a cookie is set; deletion repeats the same attributes (CKS-01). */
export interface CookieAttributes {
  readonly secure: boolean
  readonly sameSite: 'strict' | 'lax' | 'none'
  /** Whether each top-level site has one of its own (CHIPS). @default false */
  readonly partitioned?: boolean
}

const MAX_HEADER_BYTES = 16_384
/** Name and value together: browsers drop what is larger (RFC 6265bis §5.6). */
export const MAX_COOKIE_BYTES = 4_096

/**
 * The value of one cookie, found by its byte-exact name without decoding or parsing the others (CKS-03).
 *
 * `null` without such a cookie; `'duplicate'` when several have the name, because none can be trusted (CKS-04).
 *
 * @throws BffError `headers_too_large` beyond 16 KiB (CKS-06)
 */
export function readCookie(
  header: string | undefined,
  name: string,
): { readonly value: string } | 'duplicate' | null {
  const [found, another] = cookiesOf(header, `${name}=`)
  if (another !== undefined) return 'duplicate'
  return found === undefined ? null : { value: found[1] }
}

/** The cookies of a Cookie header that start with `prefix`, oldest first as browsers send them. */
export function cookiesOf(
  header: string | undefined,
  prefix: string,
): Array<readonly [name: string, value: string]> {
  const found: Array<readonly [string, string]> = []
  if (header === undefined) return found
  if (header.length > MAX_HEADER_BYTES) throw new BffError('headers_too_large')
  for (let start = 0; start < header.length; ) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    if (header.startsWith(prefix, start)) {
      const equals = header.indexOf('=', start)
      if (equals !== -1 && equals < end)
        found.push([header.slice(start, equals), header.slice(equals + 1, end)])
    }
    start = end + 1
    // The one space RFC 6265 §4.2.1 puts after the semicolon belongs to no name.
    if (header.charCodeAt(start) === 0x20) start++
  }
  return found
}

/**
 * A `Set-Cookie` value: host-only, `Path=/`, `HttpOnly`.
 *
 * @param maxAgeSeconds `null`: until the browser closes
 * @throws BffError `invalid_argument` when a browser would drop it for its size (CKS-02)
 */
export function setCookie(
  name: string,
  value: string,
  maxAgeSeconds: number | null,
  attributes: CookieAttributes,
): string {
  if (name.length + value.length > MAX_COOKIE_BYTES)
    throw new BffError(
      'invalid_argument',
      `The cookie ${name} is larger than 4096 bytes, so browsers drop it. Store less in it.`,
    )
  return `${name}=${value}; Path=/${maxAgeSeconds === null ? '' : `; Max-Age=${Math.floor(maxAgeSeconds)}`}${attributeText(attributes)}`
}

/** A `Set-Cookie` value that removes what {@link setCookie} set. */
export function clearCookie(name: string, attributes: CookieAttributes): string {
  return `${name}=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributeText(attributes)}`
}

/** As the attribute is written, such as `Strict`. */
export const sameSiteText = (sameSite: CookieAttributes['sameSite']) =>
  `${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}`

const attributeText = ({ secure, sameSite, partitioned }: CookieAttributes) =>
  `; HttpOnly${secure ? '; Secure' : ''}; SameSite=${sameSiteText(sameSite)}${partitioned ? '; Partitioned' : ''}`

/** The name of the session cookie, with a prefix only where the origin is https. */
export const cookieName =
  (secure: boolean): OptionRule<string> =>
  (value = secure ? '__Host-Http-bff' : 'bff', invalid) => {
    const name = token('')(value, invalid)
    if (!secure && /^__(Host|Secure|Http)-/i.test(name))
      throw invalid('has a prefix that browsers accept only over https')
    return name
  }
