import { type Endpoint, jsonReply, type Reply, type RequestView } from '@bff/core'
import type { Room } from '../room.ts'
import { isFilled, readJson, refusal } from './body.ts'
import { failed } from './challenge.ts'

/**
 * `POST /auth/logout` with `{refresh_token, access_token}`: ends the sign-in both belong to. Other sign-ins of
 * that user stay. Tokens that are over sign out too, and again is as good as once: of a rotated pair, the one
 * that replaced it must not stay behind.
 */
export function logoutEndpoint(room: Room): Endpoint {
  const { tokens, families } = room

  async function signOut(request: RequestView): Promise<Reply> {
    const body = await readJson(request)
    const [refreshToken, accessToken] = [body?.['refresh_token'], body?.['access_token']]
    if (!isFilled(refreshToken) || !isFilled(accessToken)) return refusal(400, 'invalid request')
    const claims = await tokens.verify('refresh', refreshToken, { expired: true })
    if (typeof claims === 'string' || claims.holder !== 'client') return refusal(400, 'invalid refresh token')
    const access = await tokens.verify('access', accessToken, { expired: true })
    if (typeof access === 'string' || access.sid !== claims.sid) return refusal(400, 'invalid access token')
    try {
      await families.end(claims)
      return jsonReply(200, { message: 'logged out successfully' })
    } catch (error) {
      return failed(room, request, error, 'failed to invalidate token')
    }
  }

  return { methods: { POST: signOut }, ...room.csrfExempt }
}
