import type { CsrfCheck, CsrfPolicy } from '../../contracts/csrf.ts'
import type { RequestView } from '../../contracts/request-view.ts'

const MAX_REFERER = 4_096

/**
 * Why a request must be refused, or `null` when it may pass: header, then `Sec-Fetch-Site`, then `Origin`, then
 * `Referer` (CSR-01 to CSR-08), one of which must vouch for the request where `check` asks for no header; for a protocol switch, `Origin` alone. What a request claims about its own host is never consulted (CSR-09).
 */
export function csrfViolation(
  request: Pick<RequestView, 'method' | 'header' | 'upgrade'>,
  policy: CsrfPolicy,
  check: CsrfCheck = 'header',
): string | null {
  const origin = request.header('origin')
  // A page cannot add headers to a WebSocket handshake, and cannot leave this one out (CSR-13).
  if (request.upgrade) return isAllowed(origin, policy) ? null : 'origin'
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const hasHeader = request.header(policy.headerName) === policy.headerValue
  if (!hasHeader && check !== 'form' && !(check === 'same-origin' && isRead)) return 'header'
  if (origin === 'null') return 'origin_null'

  const site = request.header('sec-fetch-site')
  if (site === 'same-origin') return null
  // An allow-listed sibling is cross-site or same-site by nature: only its Origin can vouch for it.
  if (site === 'cross-site' || site === 'same-site')
    return origin !== undefined && policy.allowedOrigins.has(origin) ? null : 'sec_fetch_site'
  if (site === 'none') return 'sec_fetch_site'

  if (origin !== undefined) return isAllowed(origin, policy) ? null : 'origin'

  const referer = request.header('referer')
  if (referer !== undefined) return isAllowed(originOf(referer), policy) ? null : 'referer'
  return hasHeader && isRead ? null : 'no_origin'
}

const isAllowed = (origin: string | undefined, policy: CsrfPolicy) =>
  origin !== undefined && (origin === policy.origin || policy.allowedOrigins.has(origin))

function originOf(referer: string): string | undefined {
  if (referer.length > MAX_REFERER || !URL.canParse(referer)) return undefined
  const { username, password, origin } = new URL(referer)
  return username + password === '' ? origin : undefined
}
