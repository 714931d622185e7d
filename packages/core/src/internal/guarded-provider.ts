import type { IdentityProvider, MadeBy } from '../contracts/identity-provider.ts'
import { BffError } from './bff-error.ts'

/**
 * Returns the provider as the rest of the BFF gets it: no call hands it a token, or the name of a user, of a session that
 * another provider made.
 */
export function guardedProvider(provider: IdentityProvider): IdentityProvider {
  function requireMaker(session: MadeBy): void {
    if (!provider.isMaker(session))
      throw new BffError(
        'provider_misconfigured',
        'Another provider made this session, so this one gets nothing of it. Configure that provider too, or let the user sign in again.',
      )
  }

  return {
    ...(provider.insecureOptions && { insecureOptions: provider.insecureOptions }),
    authorize: (request) => provider.authorize(request),
    exchange: (callback, transaction) => provider.exchange(callback, transaction),
    isMaker: (session) => provider.isMaker(session),
    async refresh(request) {
      requireMaker(request)
      return provider.refresh(request)
    },
    async apiToken(request) {
      requireMaker(request)
      return provider.apiToken(request)
    },
    async revoke(request) {
      requireMaker(request)
      return provider.revoke(request)
    },
    sharesGrants: (session) => provider.sharesGrants(session),
    async endSessionUrl(request) {
      // The health check asks for nobody.
      if (request.idToken !== null || request.subject !== null) requireMaker(request)
      return provider.endSessionUrl(request)
    },
    verifyLogoutToken: (jwt, request) => provider.verifyLogoutToken(jwt, request),
  }
}
