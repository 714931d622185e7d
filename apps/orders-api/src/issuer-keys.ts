import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { ApiError } from './api-error.ts'

const FETCH_TIMEOUT_MS = 5_000
/** How soon an unknown key id may cause another fetch. */
const COOLDOWN_MS = 1_000

/**
 * The issuer's keys, found through its metadata (OpenID Connect Discovery 4) on first use and kept. Throws a 503
 * while they cannot be had; the next request tries again.
 */
export function issuerKeys(issuer: string): JWTVerifyGetKey {
  return keptKeys(() => discoverKeys(issuer))
}

/** The keys at an address, for an issuer without such metadata; else as {@link issuerKeys}. */
export function keysAt(url: string): JWTVerifyGetKey {
  return keptKeys(async () => remoteKeys(url))
}

function keptKeys(find: () => Promise<JWTVerifyGetKey>): JWTVerifyGetKey {
  let discovered: Promise<JWTVerifyGetKey> | null = null
  return async (header, token) => {
    discovered ??= find()
    try {
      const keys = await discovered
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error
      discovered = null
      throw new ApiError(
        503,
        'issuer_unavailable',
        'The keys of the token issuer cannot be fetched right now. Try again soon.',
        { 'Retry-After': '1' },
      )
    }
  }
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  const metadata: unknown = await response.json()
  if (!isMetadata(metadata) || metadata.issuer !== issuer) throw new Error(`No metadata of ${issuer}.`)
  return remoteKeys(metadata.jwks_uri)
}

function remoteKeys(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
  })
}

const isMetadata = (value: unknown): value is { issuer: string; jwks_uri: string } =>
  typeof value === 'object' &&
  value !== null &&
  'issuer' in value &&
  'jwks_uri' in value &&
  typeof value.jwks_uri === 'string'
