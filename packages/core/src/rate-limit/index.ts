/**
 * `@bff/core/rate-limit`: limits how often clients may call, counted in this process or, with `@bff/store-redis`, across all
 * processes.
 *
 * @module
 */

export type { RateLimitDecision, RateLimiter, RateLimitPolicy } from '../contracts/rate-limiter.ts'
export type { LimitExceeded, LimitingOptions, LimitKey } from './guard.ts'
export type { RateLimitHeaders } from './header-fields.ts'
export { type LimitRequestsOptions, limitRequests } from './limit-requests.ts'
export { type MemoryRateLimiter, type MemoryRateLimiterOptions, memoryRateLimiter } from './memory-limiter.ts'
export type { RateLimit } from './policies.ts'
export { type RateLimitOptions, rateLimit } from './rate-limit.ts'
export { bucketOf, decisionOf, type TokenBucket } from './token-bucket.ts'
