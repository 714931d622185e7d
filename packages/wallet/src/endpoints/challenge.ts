import { BffError, type Endpoint, isBffError, jsonReply, type Reply, type RequestView } from '@bff/core'
import { parseAddress } from '../address.ts'
import type { WalletParts } from '../parts.ts'
import { readJson, refusal } from './body.ts'

/**
 * `POST /auth/challenge` with nothing, or with `{address?, chain_id?}`: 200 `{"token": jwt}`. The token's claims hold all of
 * the message except the address, and also the address, in the form to sign, if the request names it.
 */
export function challengeEndpoint(parts: WalletParts): Endpoint {
  const { settings, challenges, browsers, context } = parts

  async function create(request: RequestView) {
    const body = await readJson(request)
    const chainId = body?.['chain_id'] ?? settings.chainIds[0]
    const address = body?.['address'] === undefined ? null : parseAddress(body['address'])
    const isNamed = body?.['address'] !== undefined
    if (body === null || (isNamed && address === null) || !isOneOf(chainId, settings.chainIds))
      return refusal(400, 'invalid request')
    const browser = browsers?.recognise(request) ?? null
    try {
      const token = await challenges.create({ address, chainId, browser: browser?.id ?? null })
      context.emit({ type: 'wallet.challenged' })
      return jsonReply(200, { token }, browser === null ? [] : [browser.cookie])
    } catch (error) {
      return failed(parts, request, error, 'failed to create challenge')
    }
  }

  return { methods: { POST: create }, ...parts.csrfExempt }
}

const isOneOf = (value: unknown, allowed: readonly number[]): value is number =>
  typeof value === 'number' && allowed.includes(value)

/**
 * Returns 500 with the endpoint's text, and reports the cause only to the operator; an outage stays a 503.
 *
 * @throws BffError `store_unavailable`, `store_full`, `provider_unavailable`, `provider_misconfigured`
 */
export function failed(
  { context }: WalletParts,
  { target }: RequestView,
  cause: unknown,
  words: string,
): Reply {
  if (isBffError(cause) && cause.status !== 500) throw cause
  const { code } = isBffError(cause) ? cause : new BffError('internal_error')
  context.emit({ type: 'request.failed', code, path: target.split('?', 1)[0] ?? '', cause })
  return refusal(500, words)
}
