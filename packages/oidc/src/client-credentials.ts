import type { DpopKeyPair } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import type { ClientTokenSource } from '@bff/core/proxy'
import { clientCredentialsGrant } from 'openid-client'
import { apiRefused } from './api-token.ts'
import { type ApiTokenOptions, apiTokens, fetchToken } from './api-tokens.ts'

/**
 * Makes a source of the BFF's own access tokens for an API, with the client credentials grant (RFC 6749 §4.4). Use one
 * source for each API, in proxy routes whose `token` is `client` or `user-or-client`.
 *
 * It keeps a token in memory and fetches a new one a minute before it expires, or after four fifths of a short lifetime.
 * Concurrent requests share one fetch. In an outage of the provider it returns a token that has not expired. With `dpop` all
 * tokens are bound to one key of this process.
 *
 * @throws BffError `invalid_config`; the source then throws `provider_unavailable`, `provider_misconfigured`
 * @example
 * ```ts
 * import { apiProxy } from '@bff/core/proxy'
 * import { clientCredentials } from '@bff/oidc'
 *
 * const clientToken = clientCredentials({
 *   issuer: 'https://id.example.com',
 *   clientId: 'orders-app',
 *   clientSecret: process.env['OIDC_CLIENT_SECRET'] ?? '',
 *   resource: 'https://catalog.internal',
 * })
 * export const proxy = apiProxy({
 *   routes: [{ path: '/catalog', target: 'https://catalog.internal', token: 'client', clientToken }],
 * })
 * ```
 */
export function clientCredentials(options: ApiTokenOptions): ClientTokenSource {
  const api = apiTokens('clientCredentials', options, 1)
  const { settings } = api.client
  let key: Promise<DpopKeyPair | null> | undefined

  async function fetch() {
    key ??= settings.dpop ? generateDpopKeyPair() : Promise.resolve(null)
    const asking = { keyPair: await key, source: '', onRefusal: apiRefused }
    return fetchToken(api, asking, (configuration) =>
      clientCredentialsGrant(configuration, { ...api.parameters }),
    )
  }

  const source: ClientTokenSource = ({ rejected }) => api.keep('', rejected, fetch)
  return Object.assign(source, { attach: settings.attach })
}
