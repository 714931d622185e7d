import { type Endpoint, isBffError, jsonReply, type Reply, type RequestView } from '@bff/core'
import type { WalletParts } from '../parts.ts'
import { bearerOf, isRefusal } from './bearer.ts'

/**
 * `GET /api/authorize`: answers 200 with an empty body when the request is signed in, for reverse proxies that ask before
 * they pass a request on. With `tokens: 'cookie'` it accepts a wallet's session as well as a Bearer token.
 *
 * A reverse proxy cannot add the CSRF header, so it is not required; the response has only a status, and changes nothing. A
 * request that another site made the browser send counts as signed out, because the app behind the reverse proxy relies on
 * this response alone.
 */
export function authorizeEndpoint(parts: WalletParts): Endpoint {
  const { settings, context } = parts

  async function hasSession(request: RequestView): Promise<boolean> {
    if (/^(cross|same)-site$/.test(request.header('sec-fetch-site') ?? '')) return false
    const session = await context.requests.get(request)
    if (session === null || session.issuer !== settings.issuer) return false
    try {
      const tokens = await session.tokens()
      return tokens !== null && typeof (await parts.access.check(tokens.accessToken)) === 'object'
    } catch (error) {
      if (isBffError(error) && error.status === 401) return false
      throw error
    }
  }

  return {
    methods: {
      async GET(request): Promise<Reply> {
        const byCookie = settings.tokens === 'cookie' && request.header('authorization') === undefined
        if (byCookie && (await hasSession(request))) return allowed
        const claims = await bearerOf(parts, request)
        return isRefusal(claims) ? claims : allowed
      },
    },
    csrfExempt: ['GET'],
  }
}

const allowed: Reply = { ...jsonReply(200, null), body: null }
