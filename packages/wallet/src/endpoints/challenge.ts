import { BffError, type Endpoint, isBffError, jsonReply, type Reply, type RequestView } from '@bff/core'
import { parseAddress } from '../address.ts'
import type { Room } from '../room.ts'
import { readJson, refusal } from './body.ts'

/**
 * `POST /auth/challenge` with nothing, or with `{address?, chain_id?}`: 200 `{"token": jwt}`. The token's claims
 * hold all of the message but the address; with the address named, that too, in the form to sign.
 */
export function challengeEndpoint(room: Room): Endpoint {
  const { settings, challenges, browsers, context } = room

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
      return failed(room, request, error, 'failed to create challenge')
    }
  }

  return { methods: { POST: create }, ...room.csrfExempt }
}

const isOneOf = (value: unknown, allowed: readonly number[]): value is number =>
  typeof value === 'number' && allowed.includes(value)

/**
 * 500 with the words of the route, the cause going to the operator only; an outage stays the 503 it is.
 *
 * @throws BffError `store_unavailable`, `store_full`, `provider_unavailable`, `provider_misconfigured`
 */
export function failed({ context }: Room, { target }: RequestView, cause: unknown, words: string): Reply {
  if (isBffError(cause) && cause.status !== 500) throw cause
  const { code } = isBffError(cause) ? cause : new BffError('internal_error')
  context.emit({ type: 'request.failed', code, path: target.split('?', 1)[0] ?? '', cause })
  return refusal(500, words)
}
