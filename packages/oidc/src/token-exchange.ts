import { BffError } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import type { UserTokenSource } from '@bff/core/proxy'
import { genericGrantRequest } from 'openid-client'
import { API_TOKEN_OPTIONS, type ApiTokenOptions, apiRefused, apiTokens, fetchToken } from './api-tokens.ts'
import { meansSignInAgain } from './refresh.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** An exchanged token is bound like the session's own. */
const OPTIONS = API_TOKEN_OPTIONS.filter((name) => name !== 'dpop')

/** How many sessions' exchanged tokens are kept in memory. */
const MAX_SESSIONS = 10_000

/**
 * Makes a source of a user's access tokens for another API, with token exchange (RFC 8693): it exchanges the session's
 * access token for one with this `scope`, `resource` or `audience`. Use one source for each API, as `userToken` of a proxy
 * route (RFT-17).
 *
 * It keeps tokens in this process's memory for each session, never shares them between sessions (RFT-03), fetches new ones
 * before they expire, and binds them to the session's DPoP key if it has one.
 *
 * @throws BffError `invalid_config`; the source then throws `token_expired` when the provider refuses the user's token,
 * `provider_unavailable`, `provider_misconfigured`, and what `session.tokens()` throws
 * @example
 * ```ts
 * import { apiProxy } from '@bff/core/proxy'
 * import { tokenExchange } from '@bff/oidc'
 *
 * const userToken = tokenExchange({
 *   issuer: 'https://id.example.com',
 *   clientId: 'orders-app',
 *   clientSecret: process.env['OIDC_CLIENT_SECRET'] ?? '',
 *   resource: 'https://billing.internal',
 * })
 * export const proxy = apiProxy({
 *   routes: [{ path: '/billing', target: 'https://billing.internal', userToken }],
 * })
 * ```
 */
export function tokenExchange(options: Omit<ApiTokenOptions, 'dpop'>): UserTokenSource {
  refuseUnknown('tokenExchange', options, OPTIONS)
  const api = apiTokens('tokenExchange', options, MAX_SESSIONS)
  return async (session, { rejected }) => {
    if (!session.hasAccessToken) return null
    return api.keep(session.handle, rejected, async () => {
      const tokens = await session.tokens()
      if (tokens === null) throw new BffError('token_expired')
      const asking = { keyPair: tokens.dpopKeyPair, source: session.userId, onRefusal }
      return fetchToken(api, asking, (configuration) =>
        genericGrantRequest(configuration, GRANT, {
          ...api.parameters,
          subject_token: tokens.accessToken,
          subject_token_type: ACCESS_TOKEN,
          requested_token_type: ACCESS_TOKEN,
        }),
      )
    })
  }
}

/** RFC 8693 §2.2.2 uses `invalid_request` for an unusable subject token; most providers use `invalid_grant`. */
function onRefusal(code: string, cause: Error): BffError {
  // A new sign-in does not help a user who has no access to an API.
  return code !== 'access_denied' && meansSignInAgain(code)
    ? new BffError('token_expired', undefined, { cause })
    : apiRefused(code, cause)
}
