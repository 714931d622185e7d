import type { Attachable } from './attachable.ts'

/**
 * How often something may happen: a token bucket that starts full, loses one token for each use and refills evenly (RLM-01).
 */
export interface RateLimitPolicy {
  /**
   * The name of the policy in header fields and events. Policies with different names have separate buckets. Printable
   * ASCII.
   */
  readonly name: string
  /** Tokens that are refilled each minute. */
  readonly requestsPerMinute: number
  /** Tokens in a full bucket: how many requests may come at once. A whole number. */
  readonly burst: number
}

/** A limiter's decision, and how full the bucket is now. Times are milliseconds from now. */
export interface RateLimitDecision {
  readonly allowed: boolean
  /** Whole tokens left. */
  readonly remaining: number
  /** Until the bucket has one more token; 0 in a full bucket. */
  readonly nextMs: number
  /** Until the bucket is full. */
  readonly fullMs: number
  /** Until the same request is allowed; 0 when it is allowed now. */
  readonly retryAfterMs: number
}

/**
 * Counts requests. `memoryRateLimiter()` counts within one process, `redisRateLimiter()` of `@bff/store-redis` across all
 * processes.
 *
 * Laws, each a test of both:
 *
 * - RL-01 In any span of `t` milliseconds a key is allowed at most `burst + requestsPerMinute · t / 60_000` tokens.
 * - RL-02 Each decision is atomic: concurrent calls are allowed no more often than consecutive calls.
 * - RL-03 A refused call takes no tokens.
 * - RL-04 Keys and policies of different names do not affect each other, with any characters.
 * - RL-05 A clock that goes back refunds no tokens, and lets no client wait longer than an empty bucket does.
 */
export interface RateLimiter extends Attachable {
  /**
   * Takes `cost` tokens from the bucket of `key` under `policy`, or takes none and returns when to try again.
   *
   * @param cost a whole number from 1 to `policy.burst`. @default 1
   * @throws BffError `invalid_argument` for a policy or cost that is not valid, `store_unavailable`
   */
  consume(key: string, policy: RateLimitPolicy, cost?: number): Promise<RateLimitDecision>
  /** Releases its resources. Idempotent. */
  close(): Promise<void>
}
