import { BffError, type Endpoint, jsonReply, type Reply, type RequestView } from '@bff/core'
import type { Room } from '../room.ts'
import { bearerOf, isRefusal } from './bearer.ts'

/**
 * `GET /api/authorize`: 200 with an empty body when the request is of somebody signed in, for reverse proxies that ask
 * before they let a request through. With `tokens: 'cookie'` a wallet's session counts as well as a Bearer token.
 *
 * A reverse proxy cannot add our CSRF header to what it asks about, so there is none; the answer says no more than the
 * status does, and changes nothing. What another site made the browser send has no session here all the same: the app
 * behind the reverse proxy relies on this answer alone.
 */
export function authorizeEndpoint(room: Room): Endpoint {
  const { settings, context } = room

  async function hasSession(request: RequestView): Promise<boolean> {
    if (/^(cross|same)-site$/.test(request.header('sec-fetch-site') ?? '')) return false
    const session = await context.requests.get(request)
    if (session === null || session.issuer !== settings.issuer) return false
    try {
      const tokens = await session.tokens()
      return tokens !== null && typeof (await room.access.check(tokens.accessToken)) === 'object'
    } catch (error) {
      if (error instanceof BffError && error.status === 401) return false
      throw error
    }
  }

  return {
    methods: {
      async GET(request): Promise<Reply> {
        const byCookie = settings.tokens === 'cookie' && request.header('authorization') === undefined
        if (byCookie && (await hasSession(request))) return allowed
        const claims = await bearerOf(room, request)
        return isRefusal(claims) ? claims : allowed
      },
    },
    csrfExempt: ['GET'],
  }
}

const allowed: Reply = { ...jsonReply(200, null), body: null }
