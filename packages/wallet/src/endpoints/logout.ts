import { type Endpoint, jsonReply, type Reply, type RequestView } from '@bff/core'
import type { WalletParts } from '../parts.ts'
import { isFilled, readJson, refusal } from './body.ts'
import { failed } from './challenge.ts'

/**
 * `POST /auth/logout` with `{refresh_token, access_token}`: ends the sign-in of both tokens. Other sign-ins of that user
 * stay. Expired tokens sign out too, and a repeated call succeeds: when the pair was rotated, its successor must not stay
 * valid.
 */
export function logoutEndpoint(parts: WalletParts): Endpoint {
  const { tokens, families } = parts

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
      return failed(parts, request, error, 'failed to invalidate token')
    }
  }

  return { methods: { POST: signOut }, ...parts.csrfExempt }
}
