import type { RateLimitDecision, RateLimitPolicy } from '../contracts/rate-limiter.ts'
import type { Reply } from '../contracts/reply.ts'

/** Which header fields inform a client of its limits. */
export type RateLimitHeaders = 'standard' | 'legacy' | 'both' | 'none'

const seconds = (ms: number) => Math.ceil(ms / 1000)

/**
 * Returns the fields of a reply: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), the older
 * `X-RateLimit-*`, or both. They name the policy and never the owner of the bucket (RLM-04).
 */
export function limitFields(
  kind: RateLimitHeaders,
  { name, requestsPerMinute, burst }: RateLimitPolicy,
  { remaining, nextMs, fullMs }: RateLimitDecision,
  now: number,
): Array<readonly [string, string]> {
  const fields: Array<readonly [string, string]> = []
  if (kind === 'standard' || kind === 'both') {
    // A structured-field string, RFC 9651 §3.3.3.
    const item = `"${name.replace(/["\\]/g, '\\$&')}"`
    const window = Math.max(1, Math.ceil((burst * 60) / requestsPerMinute))
    fields.push(['ratelimit-policy', `${item};q=${burst};w=${window}`])
    fields.push(['ratelimit', `${item};r=${remaining}${nextMs > 0 ? `;t=${seconds(nextMs)}` : ''}`])
  }
  if (kind === 'legacy' || kind === 'both')
    fields.push(
      ['x-ratelimit-limit', String(burst)],
      ['x-ratelimit-remaining', String(remaining)],
      ['x-ratelimit-reset', String(seconds(now + fullMs))],
    )
  return fields
}

/** The field that a refusal adds; it is never earlier than the time in `RateLimit` (RLM-03). */
export const retryAfter = ({ retryAfterMs }: RateLimitDecision): readonly [string, string] => [
  'retry-after',
  String(Math.max(1, seconds(retryAfterMs))),
]

/** Adds the fields to a reply; an API's own rate-limit fields stay. */
export function withFields(reply: Reply, fields: Reply['headers']): Reply {
  const taken = new Set(reply.headers.map(([name]) => name).filter((name) => name.startsWith('x-ratelimit-')))
  return { ...reply, headers: [...reply.headers, ...fields.filter(([name]) => !taken.has(name))] }
}
