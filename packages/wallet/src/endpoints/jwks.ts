import type { Endpoint } from '@bff/core'
import type { Room } from '../room.ts'

/** Far less than an old key must stay after a new one came: nobody misses a rotation. */
const MAX_AGE_SECONDS = 300

/** `GET /.well-known/jwks.json`: the public keys of tokens, those to come and those of before included (JWT-08). */
export function jwksEndpoint({ keys }: Room): Endpoint {
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
