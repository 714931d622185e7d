import type { RateLimitPolicy } from '../contracts/rate-limiter.ts'
import { BffError } from '../internal/bff-error.ts'
import { bucketOf } from './token-bucket.ts'

/** A rate with a burst. */
export interface RateLimit {
  /** Tokens that are refilled each minute, above 0 and up to 60_000_000. @default 60 */
  readonly requestsPerMinute?: number
  /** Requests that may come at once. @default 10 */
  readonly burst?: number
}

/**
 * A complete policy.
 *
 * @throws BffError `invalid_config`
 */
export function policyOf(name: string, limit: RateLimit, fallback: Required<RateLimit>): RateLimitPolicy {
  const policy = {
    name,
    requestsPerMinute: limit.requestsPerMinute ?? fallback.requestsPerMinute,
    burst: limit.burst ?? fallback.burst,
  }
  try {
    bucketOf(policy)
  } catch (error) {
    const sentence = error instanceof Error ? error.message : ''
    throw new BffError('invalid_config', `The rate limit for ${name} is not valid. ${sentence}`)
  }
  return policy
}

/**
 * Makes a function that finds the entry of a raw path: under the path itself, or under the longest pattern in `/*` that it
 * is below.
 *
 * @param read normalises paths and patterns before they are compared. @default unchanged
 * @throws BffError `invalid_config` for a pattern that is not valid
 */
export function pathTable<T>(
  option: string,
  entries: Iterable<readonly [string, T]>,
  read: (path: string) => string = (path) => path,
) {
  const exact = new Map<string, T>()
  const prefixes: Array<readonly [string, T]> = []
  for (const [pattern, value] of entries) {
    if (!/^\/[^*?#\s]*\*?$/.test(pattern) || (pattern.endsWith('*') && !pattern.endsWith('/*')))
      throw new BffError(
        'invalid_config',
        `${option} takes paths such as /bff/login or /api/*, not ${pattern}.`,
      )
    if (pattern.endsWith('/*')) prefixes.push([read(pattern.slice(0, -1)), value])
    else exact.set(read(pattern), value)
  }
  prefixes.sort(([a], [b]) => b.length - a.length)
  return (raw: string): T | undefined => {
    const path = read(raw)
    return exact.get(path) ?? prefixes.find(([prefix]) => path.startsWith(prefix))?.[1]
  }
}

/**
 * Normalises a path as the most lenient API could read it, with a slash at its end: decoded, without case, path parameters
 * and empty segments. Another spelling of a limited path must not get another limit.
 */
export function normalisePath(path: string): string {
  const plain = decoded(path)
    .toLowerCase()
    .replace(/;[^/]*/g, '')
  return `${plain}/`.replace(/\/+/g, '/')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // The proxy refuses it as well.
    return path
  }
}
