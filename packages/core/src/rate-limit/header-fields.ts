import type { RateLimitDecision, RateLimitPolicy } from '../contracts/rate-limiter.ts'
import type { Reply } from '../contracts/reply.ts'

/** Which header fields tell a client its limits. */
export type RateLimitHeaders = 'standard' | 'legacy' | 'both' | 'none'

const seconds = (ms: number) => Math.ceil(ms / 1000)

/**
 * The fields of a reply: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), the older
 * `X-RateLimit-*`, or both. They name the policy and never whose bucket it is (RLM-04).
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

/** What a refusal adds; never earlier than the moment `RateLimit` names (RLM-03). */
export const retryAfter = ({ retryAfterMs }: RateLimitDecision): readonly [string, string] => [
  'retry-after',
  String(Math.max(1, seconds(retryAfterMs))),
]

/** A reply with the fields added; what an API behind the BFF said of limits of its own stays. */
export function withFields(reply: Reply, fields: Reply['headers']): Reply {
  const taken = new Set(reply.headers.map(([name]) => name).filter((name) => name.startsWith('x-ratelimit-')))
  return { ...reply, headers: [...reply.headers, ...fields.filter(([name]) => !taken.has(name))] }
}
