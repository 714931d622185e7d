import { BffError, type Clock } from '@bff/core'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { ServerMetadata } from 'openid-client'
import { isObject } from './answer.ts'
import { createCached } from './cached.ts'
import type { Call } from './transport.ts'

const MAX_AGE_MS = 10 * 60 * 1000
const MAX_STALE_MS = 24 * 60 * 60 * 1000
/** However many tokens name unknown keys, the provider is asked no more often than this. */
const COOLDOWN_MS = 30 * 1000

/** The provider's public keys. */
export interface KeySet {
  /** Finds the key of a token; an unknown one makes it look again, at most every 30 seconds. */
  readonly find: JWTVerifyGetKey
}

export function createKeySet(clock: Clock, load: () => Promise<JWTVerifyGetKey>): KeySet {
  const cached = createCached({
    clock,
    load,
    maxAgeMs: MAX_AGE_MS,
    maxStaleMs: MAX_STALE_MS,
    retryMs: COOLDOWN_MS,
  })
  return {
    find: async (header, token) => {
      const find = await cached.get()
      try {
        return await find(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        const renewed = await cached.renew(COOLDOWN_MS)
        return renewed(header, token)
      }
    },
  }
}

/** @throws BffError `provider_misconfigured` when there is no `jwks_uri`, `provider_unavailable` */
export async function fetchKeys(metadata: ServerMetadata, call: Call): Promise<JWTVerifyGetKey> {
  if (metadata.jwks_uri === undefined) {
    throw new BffError('provider_misconfigured', "The identity provider's metadata names no jwks_uri.")
  }
  const response = await call.fetch(metadata.jwks_uri, {
    method: 'GET',
    headers: { accept: 'application/json, application/jwk-set+json' },
    body: null,
    redirect: 'manual',
  })
  const body: unknown = response.status === 200 ? await response.json() : null
  if (!isKeySet(body)) {
    throw new BffError('provider_unavailable', 'The identity provider did not answer with its keys.')
  }
  return createLocalJWKSet(body)
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].every(isObject)
}
