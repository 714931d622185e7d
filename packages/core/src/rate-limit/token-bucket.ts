import type { RateLimitDecision, RateLimitPolicy } from '../contracts/rate-limiter.ts'
import { BffError } from '../internal/bff-error.ts'

/** A policy in whole microseconds, so that sums are exact. */
export interface TokenBucket {
  /** The time to refill one token. */
  readonly step: number
  /** The time to refill an empty bucket. */
  readonly depth: number
}

const MINUTE = 60_000_000
const YEAR = 366 * 24 * 60 * MINUTE

/**
 * Converts a policy. It rounds down a rate that does not divide a minute.
 *
 * @throws BffError `invalid_argument`
 */
export function bucketOf({ name, requestsPerMinute, burst }: RateLimitPolicy, cost = 1): TokenBucket {
  const step = Math.ceil(MINUTE / requestsPerMinute)
  const depth = step * burst
  if (!/^[\x20-\x7e]{1,128}$/.test(name)) throw invalid('a name of 1 to 128 printable ASCII characters')
  if (!(requestsPerMinute > 0 && requestsPerMinute <= MINUTE))
    throw invalid('requestsPerMinute above 0 and up to 60_000_000')
  if (!(Number.isInteger(burst) && burst > 0 && depth <= YEAR))
    throw invalid('a whole burst above 0 that refills within a year')
  if (!(Number.isInteger(cost) && cost > 0 && cost <= burst))
    throw new BffError('invalid_argument', 'cost must be a whole number from 1 to the burst of the policy.')
  return { step, depth }
}

const invalid = (must: string) => new BffError('invalid_argument', `A rate limit policy needs ${must}.`)

/**
 * Takes tokens from a bucket that is `missing` microseconds away from full. After a clock went back, more than a whole
 * bucket can seem to be missing: then the bucket is empty (RL-05).
 */
export function take(
  bucket: TokenBucket,
  missing: number,
  cost: number,
): readonly [boolean, missing: number] {
  const held = Math.min(Math.max(missing, 0), bucket.depth)
  const after = held + cost * bucket.step
  return after <= bucket.depth ? [true, after] : [false, held]
}

/** A decision, from what its bucket misses afterwards. */
export function decisionOf(
  { step, depth }: TokenBucket,
  allowed: boolean,
  missing: number,
  cost: number,
): RateLimitDecision {
  const remaining = Math.floor((depth - missing) / step)
  return {
    allowed,
    remaining,
    nextMs: Math.max(0, missing - (depth - (remaining + 1) * step)) / 1000,
    fullMs: missing / 1000,
    retryAfterMs: allowed ? 0 : (missing + cost * step - depth) / 1000,
  }
}
