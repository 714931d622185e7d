import type { Endpoint, Reply, RequestView } from '@bff/core'
import type { WalletParts } from '../parts.ts'
import { isFilled, readJson, refusal } from './body.ts'
import { failed } from './challenge.ts'
import { tokenReply } from './login.ts'

/** `POST /auth/refresh` with `{refresh_token}`: answers 200 with the next pair. */
export function refreshEndpoint(parts: WalletParts): Endpoint {
  const { tokens, signIn } = parts

  async function refresh(request: RequestView): Promise<Reply> {
    const token = (await readJson(request))?.['refresh_token']
    if (!isFilled(token)) return refusal(400, 'invalid request')
    const claims = await tokens.verify('refresh', token)
    if (claims === 'expired') return refusal(401, 'invalid or expired refresh token')
    if (typeof claims === 'string' || claims.holder !== 'client') return refusal(400, 'invalid refresh token')
    try {
      const pair = await signIn.refresh(claims, await clientOf(parts, request))
      return pair === null ? refusal(401, 'invalid or expired refresh token') : tokenReply(pair)
    } catch (error) {
      return failed(parts, request, error, 'failed to create tokens')
    }
  }

  return { methods: { POST: refresh }, ...parts.csrfExempt }
}

/** Returns a value that distinguishes clients as well as possible without a key. */
async function clientOf({ context }: WalletParts, request: RequestView): Promise<string> {
  const text = `${context.clientAddress(request)}\n${request.header('user-agent')}`
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...hash))
}
