import { jsonReply } from '../http/replies.ts'
import { endOfSession } from '../session/lifetime.ts'
import type { Endpoint, EndpointContext } from './endpoint.ts'

const isoTime = (ms: number | null) => (ms === null ? undefined : new Date(ms).toISOString())

/** `GET /bff/session`: whether someone is signed in, and until when (S1-19). Anonymous is an answer, not an error. */
export function sessionEndpoint({ requests, clock }: EndpointContext): Endpoint {
  return {
    methods: {
      async GET(request, query) {
        const found = await requests.load(request)
        const slides = query.get('slide') !== 'false'
        const isLive = slides ? (await requests.optional(request)) !== null : found.state === 'live'
        if (found.state !== 'live' || !isLive)
          return jsonReply(200, { authenticated: false }, found.state === 'none' ? [] : [requests.deletion])
        const { session } = found
        const end = endOfSession(session)
        return jsonReply(200, {
          authenticated: true,
          user_id: session.userId,
          organization_id: session.organizationId ?? undefined,
          expires_at: isoTime(end),
          // For browsers, whose clocks are often wrong.
          expires_in: Math.round((end - clock.now()) / 1000),
          access_token_expires_at: isoTime(session.accessTokenExpiresAt),
        })
      },
    },
  }
}
