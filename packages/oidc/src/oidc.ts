import { BffError, type IdentityProvider, type TokenTarget } from '@bff/core'
import { apiToken } from './api-token.ts'
import { authorize } from './authorize.ts'
import { createClient } from './client.ts'
import { endSessionUrl } from './end-session.ts'
import { exchange } from './exchange.ts'
import { refreshedIdToken } from './id-token.ts'
import { type Issuers, requireAcceptance } from './issuers.ts'
import { verifyLogoutToken } from './logout-token.ts'
import { invalidIn } from './option-rules.ts'
import { type OidcOptions, resolveOptions } from './options.ts'
import { ownTarget } from './own-target.ts'
import { refreshTokens } from './refresh.ts'
import { refreshedIdentity } from './refreshed-identity.ts'
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
  const settings = resolveOptions('oidc', options)
  requireAcceptance(settings.issuer, settings.acceptIssuer, invalidIn('oidc'))
  const client = createClient(settings)
  const { configuration } = client

  return {
    insecureOptions: settings.insecureOptions,
    attach: settings.attach,
    isMaker: ({ issuer }) => issuer === null || settings.issuers.fits(issuer),
    authorize: (request) => authorize(client, request),
    exchange: (callback, transaction) => exchange(client, callback, transaction),
    refresh: async (request) => {
      refuseForeignSession(settings.issuers, request.issuer)
      const own = { ...request, parameters: ownTarget(settings) }
      return refreshTokens(
        client,
        (call) => configuration(call, request.issuer),
        own,
        (answer, call) => refreshedIdentity(client, call, answer, request),
      )
    },
    apiToken: async (request) => {
      refuseForeignSession(settings.issuers, request.issuer)
      refuseOtherResource(settings.resources, request.target)
      return apiToken(
        client,
        (call) => configuration(call, request.issuer),
        request,
        (answer, { signal }) => refreshedIdToken(client, answer, request.subject, signal),
      )
    },
    revoke: (request) => revokeToken(client, settings.timeoutMs, configuration, request),
    sharesGrants: () => true,
    endSessionUrl: (request) => endSessionUrl(client, request),
    verifyLogoutToken: (jwt) => verifyLogoutToken(client, jwt),
  }
}

/** Some providers count a refresh token as used also when they refuse the API: then the session would end. */
function refuseOtherResource(resources: readonly string[], { resource }: TokenTarget): void {
  if (resource === undefined || resources.length === 0 || resources.includes(resource)) return
  throw new BffError(
    'provider_misconfigured',
    'The sign-in did not ask for this API, so the provider was not asked for its token. Add the API to the option resource of oidc.',
  )
}

/** A refresh token goes only to its issuer, also after the configured issuer changed. */
function refuseForeignSession(issuers: Issuers, issuedBy: string | null): void {
  if (issuedBy === null || issuers.fits(issuedBy)) return
  throw new BffError(
    'provider_misconfigured',
    'The session was signed in at another provider, so its refresh token was not sent to this one. The user must sign in again.',
  )
}
