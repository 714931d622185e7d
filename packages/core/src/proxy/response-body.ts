import type { UpstreamResponse } from '../contracts/upstream.ts'
import { BffError } from '../internal/bff-error.ts'

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
