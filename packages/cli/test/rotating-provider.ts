import { BffError, type IdentityProvider, type TokenSet } from '@bff/core'

/** A provider whose refresh tokens can be used once: a second use ends the session, as at a provider that detects reuse. */
export function rotatingProvider() {
  const live = new Set<string>()
  let issued = 0
  let refreshes = 0

  function tokens(subject: string): TokenSet {
    const refreshToken = `refresh-${subject}-${++issued}`
    live.add(refreshToken)
    return {
      accessToken: `access-${subject}-${issued}`,
      expiresIn: 86_400,
      refreshToken,
      refreshTokenExpiresIn: null,
      idToken: null,
      scope: 'openid',
      dpopKeyPair: null,
      claims: null,
    }
  }

  const unused = async (): Promise<never> => {
    throw new BffError('not_found')
  }
  const provider: IdentityProvider = {
    authorize: unused,
    exchange: unused,
    apiToken: unused,
    endSessionUrl: unused,
    verifyLogoutToken: unused,
    revoke: async ({ token }) => void live.delete(token),
    isMaker: () => true,
    sharesGrants: () => false,
    async refresh({ refreshToken, subject }) {
      if (!live.delete(refreshToken)) throw new BffError('refresh_rejected')
      refreshes++
      return tokens(subject)
    },
  }
  return { provider, tokens, refreshes: () => refreshes }
}
