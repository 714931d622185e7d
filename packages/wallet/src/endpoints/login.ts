import { type Endpoint, jsonReply, type Reply, type RequestView } from '@bff/core'
import { parseAddress } from '../address.ts'
import type { Hex } from '../ethereum.ts'
import type { WalletParts } from '../parts.ts'
import type { TokenPair } from '../tokens/families.ts'
import { isFilled, readJson, refusal } from './body.ts'
import { failed } from './challenge.ts'
import { startSession } from './session.ts'

const isHex = (value: unknown): value is Hex =>
  typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value)

/** Returns the reply with a pair of tokens. */
export const tokenReply = ({ accessToken, refreshToken }: TokenPair): Reply =>
  jsonReply(200, { access_token: accessToken, refresh_token: refreshToken })

/**
 * `POST /auth/login` with `{challenge, signature, address}`: answers 200 `{access_token, refresh_token}`, or in cookie mode
 * `{"address": …}` and the cookie of a new session.
 */
export function loginEndpoint(parts: WalletParts): Endpoint {
  const { settings, challenges, browsers, signIn } = parts
  /** Only a contract can confirm a message without a signature, when it approved it on chain. */
  const isEmpty = (signature: Hex) => signature === '0x' && settings.contractWallets === null

  async function complete(request: RequestView): Promise<Reply> {
    const body = await readJson(request)
    const address = parseAddress(body?.['address'])
    const signature = body?.['signature']
    const token = body?.['challenge']
    if (address === null || !isHex(signature) || isEmpty(signature) || !isFilled(token))
      return refusal(400, 'invalid request')
    const challenge = await challenges.verify(token)
    if (typeof challenge === 'string') return refusal(400, 'invalid challenge token')
    const browser = browsers?.recognise(request) ?? null
    const holder = settings.tokens === 'cookie' ? 'bff' : 'client'
    try {
      const pair = await signIn.complete(
        challenge,
        { address, signature, browser: browser?.id ?? null },
        holder,
      )
      if (pair === null) return refusal(401, 'invalid challenge or signature')
      if (browsers === null) return tokenReply(pair)
      const cookie = await startSession(parts, request, address, pair)
      return jsonReply(200, { address }, [cookie, browsers.deletion])
    } catch (error) {
      return failed(parts, request, error, 'failed to create tokens')
    }
  }

  return { methods: { POST: complete }, ...parts.csrfExempt }
}
