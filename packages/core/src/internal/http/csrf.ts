import type { CsrfCheck, CsrfPolicy } from '../../contracts/csrf.ts'
import type { RequestView } from '../../contracts/request-view.ts'

const MAX_REFERER = 4_096

/**
 * Returns why a request must be refused, or `null` when it is accepted. It checks the header, then `Sec-Fetch-Site`, then
 * `Origin`, then `Referer` (CSR-01 to CSR-08). One of the last three must name an allowed origin when `check` asks for no
 * header. For a protocol switch it checks only `Origin`. The allowed origins come from the configuration (CSR-09).
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
  if (!hasHeader && (check !== 'form' || policy.headerOnly) && !(check === 'same-origin' && isRead))
    return 'header'
  if (origin === 'null') return 'origin_null'

  const site = request.header('sec-fetch-site')
  if (site === 'same-origin') return null
  // An allowed sibling is cross-site or same-site by nature: only its Origin identifies it.
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
