import { BffError, type IdentityProvider } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { authorize } from './authorize.ts'
import { createClient } from './client.ts'
import { endSessionUrl } from './end-session.ts'
import { exchange } from './exchange.ts'
import { refreshedIdentity } from './id-token.ts'
import { verifyLogoutToken } from './logout-token.ts'
import { OIDC_OPTIONS, type OidcOptions, resolveOptions } from './options.ts'
import { refreshTokens } from './refresh.ts'
import { revokeToken } from './revoke.ts'

/**
 * Makes an identity provider for OpenID Connect: code flow with PKCE, refresh, revocation and sign-out, with openid-client.
 * It sends no request to the provider before the first sign-in.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 *
 * @example
 * ```ts
 * import { oidc } from '@bff/oidc'
 *
 * export const provider = oidc({
 *   issuer: 'https://id.example.com',
 *   clientId: 'orders',
 *   clientSecret: process.env['OIDC_CLIENT_SECRET'] ?? '',
 *   scope: 'openid profile offline_access',
 * })
 * ```
 */
export function oidc(options: OidcOptions): IdentityProvider {
  refuseUnknown('oidc', options, OIDC_OPTIONS)
  const settings = resolveOptions(options)
  const client = createClient(settings)
  const { configuration } = client

  return {
    insecureOptions: settings.insecureOptions,
    authorize: (request) => authorize(client, request),
    exchange: (callback, transaction) => exchange(client, callback, transaction),
    refresh: async (request) => {
      refuseForeignSession(settings.issuer, request.issuer)
      return refreshTokens(client, configuration, request, (answer, { signal }) =>
        refreshedIdentity(client, answer, request.subject, signal),
      )
    },
    revoke: (request) => revokeToken(client, settings.timeoutMs, configuration, request),
    sharesGrants: () => true,
    endSessionUrl: (request) => endSessionUrl(client, request),
    verifyLogoutToken: (jwt) => verifyLogoutToken(client, jwt),
  }
}

/** A refresh token goes only to its issuer, also after the configured issuer changed. */
function refuseForeignSession(issuer: string, issuedBy: string | null): void {
  if (issuedBy === null || issuedBy === issuer) return
  throw new BffError(
    'provider_misconfigured',
    'The session was signed in at another provider, so its refresh token was not sent to this one. The user must sign in again.',
  )
}
