import type { RequestView } from '../../contracts/request-view.ts'
import { isIn, parseAddress, type Range } from '../address.ts'

/** A name, an IPv4 address or an IPv6 address in brackets, and a port: all that a browser sends (RFC 9110 §7.2). */
const HOST = /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/

/**
 * Returns the host and port of a request, in lower case; `null` when it names none, or more than one.
 *
 * `X-Forwarded-Host` counts only when the peer is a trusted proxy: everybody else can write what they like there.
 */
export function requestHost(request: RequestView, trusted: readonly Range[] | null): string | null {
  const own = ownHost(request)
  const { remoteAddress } = request
  if (trusted === null || remoteAddress === undefined) return own
  const peer = parseAddress(remoteAddress.replace(/%.*$/, ''))
  if (peer === null || !isIn(trusted, peer)) return own
  const forwarded = request.header('x-forwarded-host')
  return forwarded === undefined ? own : readHost(forwarded)
}

function ownHost(request: RequestView): string | null {
  const { host: other } = request
  const host = request.header('host') ?? other
  // In HTTP/2 a request with both must not have two hosts (RFC 9113 §8.3.1).
  if (host === undefined || (other !== undefined && readHost(host) !== readHost(other))) return null
  return readHost(host)
}

/** A list, as several `Host` headers or proxies make it, is no host. */
function readHost(text: string): string | null {
  const host = text.toLowerCase()
  return HOST.test(host) ? host : null
}
