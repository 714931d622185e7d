import { BffError } from '@bff/core'
import { readOptions } from '@bff/core/authoring'
import type { UserTokenSource } from '@bff/core/proxy'
import { genericGrantRequest } from 'openid-client'
import { apiTokenRefused } from './api-token.ts'
import { API_TOKEN_OPTIONS, type ApiTokenOptions, apiTokens, fetchToken } from './api-tokens.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** An exchanged token is bound like the session's own. */
const { dpop: _, ...OPTIONS } = API_TOKEN_OPTIONS

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
  readOptions('tokenExchange', options, OPTIONS)
  const api = apiTokens('tokenExchange', options, MAX_SESSIONS)
  const source: UserTokenSource = async (session, { rejected }) => {
    if (!session.hasAccessToken) return null
    return api.keep(session.handle, rejected, async () => {
      const tokens = await session.tokens()
      if (tokens === null) throw new BffError('token_expired')
      const asking = { keyPair: tokens.dpopKeyPair, source: session.userId, onRefusal: apiTokenRefused }
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
  return Object.assign(source, { attach: api.client.settings.attach })
}
