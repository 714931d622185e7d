import { type Endpoint, jsonReply } from '@bff/core'
import type { Room } from '../room.ts'
import { bearerOf, isRefusal } from './bearer.ts'

/**
 * `GET /api/me` with a Bearer token: 200 `{"address": …}`. The cookie counts for nothing here, so there is
 * nothing a forged request could use; pages ask `/bff/user`.
 */
export function meEndpoint(room: Room): Endpoint {
  return {
    methods: {
      async GET(request) {
        const claims = await bearerOf(room, request)
        return isRefusal(claims) ? claims : jsonReply(200, { address: claims.sub })
      },
    },
    csrfExempt: ['GET'],
  }
}
