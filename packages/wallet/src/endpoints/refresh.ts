import type { Endpoint, Reply, RequestView } from '@bff/core'
import type { Room } from '../room.ts'
import { isFilled, readJson, refusal } from './body.ts'
import { failed } from './challenge.ts'
import { tokenReply } from './login.ts'

/** `POST /auth/refresh` with `{refresh_token}`: 200 with the next pair. */
export function refreshEndpoint(room: Room): Endpoint {
  const { tokens, signIn } = room

  async function refresh(request: RequestView): Promise<Reply> {
    const token = (await readJson(request))?.['refresh_token']
    if (!isFilled(token)) return refusal(400, 'invalid request')
    const claims = await tokens.verify('refresh', token)
    if (claims === 'expired') return refusal(401, 'invalid or expired refresh token')
    if (typeof claims === 'string' || claims.holder !== 'client') return refusal(400, 'invalid refresh token')
    try {
      const pair = await signIn.refresh(claims, await clientOf(room, request))
      return pair === null ? refusal(401, 'invalid or expired refresh token') : tokenReply(pair)
    } catch (error) {
      return failed(room, request, error, 'failed to create tokens')
    }
  }

  return { methods: { POST: refresh }, ...room.csrfExempt }
}

/** What tells one client from another, as far as one can without a key of its own. */
async function clientOf({ context }: Room, request: RequestView): Promise<string> {
  const text = `${context.clientAddress(request)}\n${request.header('user-agent')}`
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...hash))
}
