import type { Clock } from '../contracts/clock.ts'
import type { AccessTokens } from '../contracts/session.ts'
import { isBffError } from './bff-error.ts'
import { youthOf } from './lifetime.ts'
import { createLru } from './lru.ts'
import { singleFlight } from './single-flight.ts'

/** A token from a token endpoint. */
export interface FetchedToken {
  readonly tokens: AccessTokens
  /** Seconds, or `null` when the provider did not say. */
  readonly expiresIn: number | null
}

/**
 * Returns the token stored under `key`, or a new one from `fetch`; concurrent callers of one key share one fetch.
 *
 * @param rejected a token that an API refused, which is not returned again; `null` without one
 */
export type TokenKeeper = (
  key: string,
  rejected: string | null,
  fetch: () => Promise<FetchedToken>,
) => Promise<AccessTokens>

interface Kept {
  readonly tokens: AccessTokens
  readonly youngUntil: number
  readonly replaceAt: number
  readonly expiresAt: number
}

/** The lifetime of a token when the provider does not say. */
const UNKNOWN_LIFE_MS = 300_000

/** How long before its expiry a token is replaced; after four fifths of a short lifetime. */
const REPLACE_BEFORE_MS = 60_000

/**
 * Keeps access tokens in this process's memory until shortly before they expire.
 *
 * @param limit the most tokens; the least recently used is dropped first
 */
export function tokenKeeper(clock: Clock, limit: number): TokenKeeper {
  const kept = createLru<Kept>(limit)
  const flight = singleFlight<string, AccessTokens>()

  async function replace(key: string, fetch: () => Promise<FetchedToken>): Promise<AccessTokens> {
    const { tokens, expiresIn } = await fetch()
    const now = clock.monotonic()
    const life = expiresIn === null ? UNKNOWN_LIFE_MS : Math.max(0, expiresIn * 1000)
    const replaceAt = now + Math.max(life - REPLACE_BEFORE_MS, life * 0.8)
    const youngUntil = now + youthOf(life)
    kept.set(key, { tokens, youngUntil, replaceAt, expiresAt: now + life })
    return tokens
  }

  return async (key, rejected, fetch) => {
    const now = clock.monotonic()
    const entry = kept.get(key)
    const usable = entry !== undefined && now < entry.expiresAt
    const refused = entry?.tokens.accessToken === rejected
    if (usable && (refused ? now < entry.youngUntil : now < entry.replaceAt)) return entry.tokens
    try {
      return await flight(key, () => replace(key, fetch))
    } catch (error) {
      // In an outage of the provider the stored token is still used.
      if (usable && !refused && isBffError(error, 'provider_unavailable')) return entry.tokens
      throw error
    }
  }
}
