import { BffError, type Clock } from '@bff/core'
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'
import type { ServerMetadata } from 'openid-client'
import { isObject } from './answer.ts'
import { createCached } from './cached.ts'
import type { Call } from './transport.ts'

const MAX_AGE_MS = 10 * 60 * 1000
const MAX_STALE_MS = 24 * 60 * 60 * 1000
/**
 * The provider is asked at most once in this time, regardless of the number of tokens with unknown keys or bad signatures.
 */
const COOLDOWN_MS = 30 * 1000
/** For tokens that come from the provider itself, so that no other client decides how often it is asked. */
const OWN_COOLDOWN_MS = 5 * 1000

/** The provider's public keys. */
export interface KeySet {
  /**
   * Verifies a token. After an unknown key or a bad signature it loads the keys again, because a key may have been replaced
   * under the same id: at most every 30 seconds, or 5 seconds for tokens `fromProvider`.
   *
   * @throws JOSEError, BffError `provider_misconfigured`, `provider_unavailable` when the keys are not available
   */
  verify(jwt: string, options: JWTVerifyOptions & { readonly fromProvider?: true }): Promise<JWTVerifyResult>
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
    verify: async (jwt, { fromProvider, ...options }) => {
      const find = await cached.get()
      try {
        return await jwtVerify(jwt, find, options)
      } catch (error) {
        if (!isAboutKey(error)) throw error
        const renewed = await cached.renew(fromProvider === true ? OWN_COOLDOWN_MS : COOLDOWN_MS)
        if (renewed === find) throw error
        return jwtVerify(jwt, renewed, options)
      }
    },
  }
}

/** Whether other keys could change the verdict. */
function isAboutKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed
}

/** @throws BffError `provider_misconfigured` when there is no `jwks_uri`, `provider_unavailable` */
export async function fetchKeys(metadata: ServerMetadata, call: Call): Promise<JWTVerifyGetKey> {
  if (metadata.jwks_uri === undefined) {
    throw new BffError(
      'provider_misconfigured',
      "The identity provider's metadata names no jwks_uri. Its operator must check it.",
    )
  }
  const response = await call.fetch(metadata.jwks_uri, {
    method: 'GET',
    headers: { accept: 'application/json, application/jwk-set+json' },
    body: null,
    redirect: 'manual',
  })
  const body: unknown = response.status === 200 ? await response.json() : null
  if (!isKeySet(body)) {
    throw new BffError(
      'provider_unavailable',
      'The identity provider did not answer with its keys. Try again shortly.',
    )
  }
  return createLocalJWKSet(body)
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].every(isObject)
}
