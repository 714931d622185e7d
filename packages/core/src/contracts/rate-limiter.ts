/**
 * How often something may happen: a token bucket that starts full, loses one token each time and refills evenly
 * (RLM-01).
 */
export interface RateLimitPolicy {
  /** Names the policy in header fields and events, and keeps its buckets apart from others. Printable ASCII. */
  readonly name: string
  /** Tokens that come back each minute. */
  readonly requestsPerMinute: number
  /** Tokens a full bucket holds: how many requests may come at once. A whole number. */
  readonly burst: number
}

/** What a limiter decided, and how full the bucket is now. Times are milliseconds from now. */
export interface RateLimitDecision {
  readonly allowed: boolean
  /** Whole tokens left. */
  readonly remaining: number
  /** Until one more token is there; 0 in a full bucket. */
  readonly nextMs: number
  /** Until the bucket is full. */
  readonly fullMs: number
  /** Until the same request would be allowed; 0 when it is. */
  readonly retryAfterMs: number
}

/**
 * Counts. `memoryRateLimiter()` does within one process, `redisRateLimiter()` of `@bff/store-redis` for all of them.
 *
 * Laws, each a test of both:
 *
 * - RL-01 In any span of `t` milliseconds a key is allowed at most `burst + requestsPerMinute · t / 60_000` tokens.
 * - RL-02 Each decision is atomic: of concurrent calls no more are allowed than of calls one after another.
 * - RL-03 What is refused costs nothing.
 * - RL-04 Keys and policies of different names do not affect each other, with any characters.
 * - RL-05 A clock that goes back refunds nothing, and keeps nobody waiting longer than an empty bucket does.
 */
export interface RateLimiter {
  /**
   * Takes `cost` tokens from the bucket of `key` under `policy`, or takes none and says when to come back.
   *
   * @param cost a whole number from 1 to `policy.burst`. @default 1
   * @throws BffError `invalid_argument` for a policy or cost that cannot be, `store_unavailable`
   */
  consume(key: string, policy: RateLimitPolicy, cost?: number): Promise<RateLimitDecision>
  /** Frees what it holds. Idempotent. */
  close(): Promise<void>
}
