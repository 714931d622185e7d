import type { Endpoint } from '../contracts/endpoint.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import { BffError } from '../internal/bff-error.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { recordOf } from '../session/live-session.ts'

/**
 * `POST /bff/refresh`: refreshes the tokens now and returns when the new access token expires, in epoch seconds. Answers 501
 * without a provider.
 */
export function refreshEndpoint({ provider, requests, tokens }: PluginContext): Endpoint {
  return {
    methods: {
      async POST(request) {
        if (provider === null) throw new BffError('not_configured')
        const session = await requests.require(request)
        const refreshed = await tokens.refresh(recordOf(session))
        if (refreshed === null) throw new BffError('session_expired')
        return jsonReply(200, {
          message: 'Session refreshed',
          expires_at: Math.floor((refreshed.accessTokenExpiresAt ?? 0) / 1000),
        })
      },
    },
  }
}
