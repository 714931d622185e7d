import type { Endpoint } from '@bff/core'
import type { WalletParts } from '../parts.ts'

/** Much shorter than an old key must stay published, so that no client misses a new key. */
const MAX_AGE_SECONDS = 300

/** `GET /.well-known/jwks.json`: the public keys of tokens, including future and earlier ones (RFC 7517, JWT-08). */
export function jwksEndpoint({ keys }: WalletParts): Endpoint {
  return {
    methods: {
      GET: async () => ({
        status: 200,
        headers: [
          ['content-type', 'application/jwk-set+json'],
          ['cache-control', `public, max-age=${MAX_AGE_SECONDS}`],
          ['x-content-type-options', 'nosniff'],
        ],
        body: JSON.stringify(await keys.jwks()),
      }),
    },
    csrfExempt: ['GET'],
  }
}
