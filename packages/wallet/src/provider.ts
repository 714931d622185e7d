import { BffError, type IdentityProvider, type TokenSet } from '@bff/core'
import { decodeJwt } from 'jose'
import { isWalletUserId, userIdOf } from './address.ts'
import type { Room } from './room.ts'
import type { TokenPair } from './tokens/families.ts'
import { secondsOf } from './tokens/tokens.ts'

/** A pair as the core takes tokens. */
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
 * Refreshes and revokes the tokens of wallet sessions; everything else is `next`'s. Sessions are told apart by their
 * issuer, tokens by theirs.
 */
export function walletProvider(room: () => Room, next: IdentityProvider | null): IdentityProvider {
  const other = (): IdentityProvider => {
    if (next !== null) return next
    throw new BffError('not_configured')
  }

  return {
    insecureOptions: next?.insecureOptions ?? [],

    authorize: async (request) => other().authorize(request),
    exchange: async (callback, transaction) => other().exchange(callback, transaction),

    async refresh(request) {
      const { settings, tokens, signIn, context } = room()
      if (request.issuer !== settings.issuer) return other().refresh(request)
      const claims = await tokens.verify('refresh', request.refreshToken)
      if (claims === 'unknown_key')
        throw new BffError('provider_misconfigured', 'The key of a wallet session is none of keys any more.')
      if (typeof claims === 'string' || claims.holder !== 'bff' || userIdOf(claims.sub) !== request.subject)
        throw new BffError('refresh_rejected')
      const pair = await signIn.refresh(claims, 'bff')
      if (pair === null) throw new BffError('refresh_rejected')
      return tokenSetOf(pair, context.clock.now())
    },

    async revoke(request) {
      const { settings, tokens, families } = room()
      if (issuerOf(request.token) !== settings.issuer) return next?.revoke(request)
      const claims = await tokens.verify('refresh', request.token, { expired: true })
      if (typeof claims !== 'string') await families.end(claims)
    },

    // Each wallet sign-in is a family of its own.
    sharesGrants: (issuer) => issuer !== room().settings.issuer && (next?.sharesGrants(issuer) ?? false),

    endSessionUrl: async (request) => {
      const isWallet = request.idToken === null && isWalletUserId(request.subject ?? '')
      return isWallet || next === null ? null : next.endSessionUrl(request)
    },

    verifyLogoutToken: async (jwt) => other().verifyLogoutToken(jwt),
  }
}

/** What a token says of who issued it; `null` when it is no JWT. */
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null
  } catch {
    return null
  }
}
