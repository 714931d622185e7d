import { parseChallenges } from '../internal/http/challenges.ts'
import { createLru } from '../internal/lru.ts'

/** The latest DPoP nonce of each server. Use separate caches for authorization servers and APIs (RFC 9449 §8.2, DPO-10). */
export interface NonceCache {
  get(origin: string): string | undefined
  /**
   * Stores `nonce` as the newest of `origin`. It ignores a value that is not a nonce (RFC 9449 §8.1), and one that is too
   * long.
   */
  set(origin: string, nonce: string): void
}

const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/

/** @param limit how many origins it holds; a new one replaces the least recently used. @default 100 */
export function createNonceCache(limit = 100): NonceCache {
  const nonces = createLru<string>(limit)
  return {
    get: nonces.get,
    set(origin, nonce) {
      if (NONCE.test(nonce)) nonces.set(origin, nonce)
    },
  }
}

/** Whether one of the challenges is a DPoP one with `error="use_dpop_nonce"` (DPO-09, RFC 9449 §9). */
export function dpopNonceChallenge(wwwAuthenticate: string | undefined): boolean {
  return parseChallenges(wwwAuthenticate ?? '').some(
    ({ scheme, parameters }) => scheme === 'dpop' && parameters.get('error') === 'use_dpop_nonce',
  )
}
