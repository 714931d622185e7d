import { BffError, type IdentityProvider, type TokenSet } from '@bff/core'
import { userIdOf } from './address.ts'
import type { WalletParts } from './parts.ts'
import type { TokenPair } from './tokens/families.ts'
import { secondsOf } from './tokens/tokens.ts'

/** Converts a pair to a `TokenSet`. */
export function tokenSetOf(pair: TokenPair, now: number): TokenSet {
  const seconds = secondsOf(now)
  return {
    accessToken: pair.accessToken,
    expiresIn: pair.accessExpiresAt - seconds,
    refreshToken: pair.refreshToken,
    refreshTokenExpiresIn: pair.refreshExpiresAt - seconds,
    idToken: null,
    scope: null,
    dpopKeyPair: null,
    claims: null,
  }
}

/**
 * Makes a provider that refreshes and revokes the tokens of wallet sessions, and delegates everything else to `next`. It
 * recognises sessions and tokens by their issuer.
 */
export function walletProvider(parts: () => WalletParts, next: IdentityProvider | null): IdentityProvider {
  const other = (): IdentityProvider => {
    if (next !== null) return next
    throw new BffError('not_configured')
  }

  return {
    insecureOptions: next?.insecureOptions ?? [],
    attach: (context) => next?.attach?.(context),

    isMaker: (session) => session.issuer === parts().settings.issuer || (next?.isMaker(session) ?? false),

    authorize: async (request) => other().authorize(request),
    exchange: async (callback, transaction) => other().exchange(callback, transaction),

    async refresh(request) {
      const { settings, tokens, signIn, context } = parts()
      if (request.issuer !== settings.issuer) return other().refresh(request)
      const claims = await tokens.verify('refresh', request.refreshToken)
      if (claims === 'unknown_key')
        throw new BffError(
          'provider_misconfigured',
          'The key of a wallet session is not in keys any more. Add it again, or the user must sign in again.',
        )
      if (typeof claims === 'string' || claims.holder !== 'bff' || userIdOf(claims.sub) !== request.subject)
        throw new BffError('refresh_rejected')
      const pair = await signIn.refresh(claims, 'bff')
      if (pair === null) throw new BffError('refresh_rejected')
      return tokenSetOf(pair, context.clock.now())
    },

    async apiToken(request) {
      if (request.issuer !== parts().settings.issuer) return other().apiToken(request)
      throw new BffError(
        'provider_misconfigured',
        'A wallet session has no tokens for further APIs. Do not set userToken for wallet sessions.',
      )
    },

    async revoke(request) {
      const { settings, tokens, families } = parts()
      if (request.issuer !== settings.issuer) return next?.revoke(request)
      const claims = await tokens.verify('refresh', request.token, { expired: true })
      if (typeof claims !== 'string') await families.end(claims)
    },

    // Each wallet sign-in has its own family.
    sharesGrants: (session) =>
      session.issuer !== parts().settings.issuer && (next?.sharesGrants(session) ?? false),

    endSessionUrl: async (request) => {
      const isWallet = request.issuer === parts().settings.issuer
      return isWallet || next === null ? null : next.endSessionUrl(request)
    },

    verifyLogoutToken: async (jwt, request) => other().verifyLogoutToken(jwt, request),
  }
}
