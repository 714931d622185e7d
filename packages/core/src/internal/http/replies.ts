import type { Reply } from '../../contracts/reply.ts'
import type { RequestView } from '../../contracts/request-view.ts'
import { BffError, isBffError } from '../bff-error.ts'
import { randomToken } from '../crypto/hash.ts'

type Headers = Reply['headers']

/** The headers of every reply that core writes itself (CKS-13, CKS-19). */
const PRIVATE: Headers = [
  ['cache-control', 'no-store'],
  ['vary', 'Cookie'],
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
]

function reply(status: number, headers: Headers, body: string | null, cookies: readonly string[]): Reply {
  const setCookies = cookies.map((cookie) => ['set-cookie', cookie] as const)
  return { status, headers: [...headers, ...PRIVATE, ...setCookies], body }
}

/** A JSON reply; never cached, never framed. */
export function jsonReply(
  status: number,
  body: unknown,
  cookies: readonly string[] = [],
  extra: Reply['headers'] = [],
): Reply {
  const headers: Headers = [['content-type', 'application/json; charset=utf-8'], ...extra]
  return reply(status, headers, JSON.stringify(body), cookies)
}

/** Redirects the browser with a GET (303). */
export function redirectReply(location: string, cookies: readonly string[] = []): Reply {
  return reply(303, [['location', location]], null, cookies)
}

/**
 * Sends the browser on from a page of this origin, for a navigation that began on another site: a redirect would keep that
 * initiator, and the browser would not send a `SameSite=Strict` cookie (BFF-26).
 */
export function continueReply(location: string, cookies: readonly string[]): Reply {
  const href = escapeHtml(location)
  const body = `<meta http-equiv="refresh" content="0;url=${href}"><a href="${href}">Continue</a>`
  return reply(200, [['content-type', 'text/html; charset=utf-8']], body, cookies)
}

/** Escapes `text` for an element or a quoted attribute. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** A page with only text, links and `style`. */
export function htmlReply(status: number, page: string, cookies: readonly string[], style: string): Reply {
  const nonce = randomToken(16)
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  const body = page.replace('</title>', () => `</title><style nonce="${nonce}">${style}</style>`)
  const { headers } = reply(status, [['content-type', 'text/html; charset=utf-8']], body, cookies)
  return {
    status,
    headers: headers.map(
      ([name, value]) => [name, name === 'content-security-policy' ? policy : value] as const,
    ),
    body,
  }
}

/**
 * Returns `{"error": code, "message": text}` for any error.
 *
 * For a status from 500 on, the text is the code's public sentence: the error's own message and cause go to events only.
 */
export function errorReply(error: unknown, cookies: readonly string[] = [], extra: Headers = []): Reply {
  const known = isBffError(error) ? error : new BffError('internal_error')
  const { code, status } = known
  const message = status < 500 ? known.message : new BffError(code).message
  const retryAfter = known.retryAfter ?? (status === 503 ? 1 : null)
  return jsonReply(
    status,
    { error: code, message },
    cookies,
    retryAfter === null ? extra : [['retry-after', String(Math.max(1, Math.ceil(retryAfter)))]],
  )
}

/** Whether the request is a navigation, and not a script's. */
export function isNavigation(request: RequestView): boolean {
  const mode = request.header('sec-fetch-mode')
  return mode === undefined ? (request.header('accept') ?? '').includes('text/html') : mode === 'navigate'
}
