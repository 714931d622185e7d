import { type Endpoint, jsonReply } from '@bff/core'
import type { WalletParts } from '../parts.ts'
import { bearerOf, isRefusal } from './bearer.ts'

/**
 * `GET /api/me` with a Bearer token: answers 200 `{"address": …}`. It ignores the cookie, so a forged request has no effect;
 * pages call `/bff/user`.
 */
export function meEndpoint(parts: WalletParts): Endpoint {
  return {
    methods: {
      async GET(request) {
        const claims = await bearerOf(parts, request)
        return isRefusal(claims) ? claims : jsonReply(200, { address: claims.sub })
      },
    },
    csrfExempt: ['GET'],
  }
}
