import type { Clock } from '@bff/core'
import { createLru } from '@bff/core/authoring'
import type { ServerMetadata } from 'openid-client'
import { type Cached, createCached } from './cached.ts'

const MAX_AGE_MS = 60 * 60 * 1000
const MAX_STALE_MS = 24 * 60 * 60 * 1000
const RETRY_MS = 60 * 1000

/** Discovered metadata, by issuer. It is opaque: pass it to several {@link oidc} calls. */
export interface DiscoveryCache {
  /** Returns the entry of `issuer`; makes it with `load` when it does not exist. */
  entry(issuer: string, clock: Clock, load: () => Promise<ServerMetadata>): Cached<ServerMetadata>
}

/**
 * Makes a cache of provider metadata that several {@link oidc} providers of one process can share.
 *
 * It fetches metadata when first needed, once for concurrent callers, and again after an hour. When that fails, it uses the
 * old metadata for a day. It does not remember a failure.
 */
export function createDiscoveryCache(
  options: {
    /** The most issuers it keeps; a new one replaces the least recently used. @default 100 */
    readonly maxIssuers?: number
  } = {},
): DiscoveryCache {
  const entries = createLru<Cached<ServerMetadata>>(options.maxIssuers ?? 100)
  return {
    entry: (issuer, clock, load) => {
      const known = entries.get(issuer)
      if (known !== undefined) return known
      const entry = createCached({
        clock,
        load,
        maxAgeMs: MAX_AGE_MS,
        maxStaleMs: MAX_STALE_MS,
        retryMs: RETRY_MS,
      })
      entries.set(issuer, entry)
      return entry
    },
  }
}
