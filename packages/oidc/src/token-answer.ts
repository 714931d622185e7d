import { BffError, type DpopKeyPair, type TokenSet } from '@bff/core'
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'

/** A token endpoint's answer as openid-client checked it. */
export type TokenAnswer = TokenEndpointResponse & TokenEndpointResponseHelpers

/** What was granted, in the port's terms. */
export function tokensOf(
  answer: TokenEndpointResponse,
  dpopKeyPair: DpopKeyPair | null,
): Omit<TokenSet, 'claims' | 'idToken'> {
  return {
    accessToken: answer.access_token,
    expiresIn: answer.expires_in ?? null,
    refreshToken: answer.refresh_token ?? null,
    refreshTokenExpiresIn: lifeOf(answer['refresh_expires_in'] ?? answer['refresh_token_expires_in']),
    scope: answer.scope ?? null,
    dpopKeyPair,
  }
}

/** Not in any standard: 0 is how Keycloak says "never" of its offline tokens. */
function lifeOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

/**
 * Tokens are bound to the key we proved to have, or to none where we proved none (DPO-07).
 *
 * @throws BffError `provider_misconfigured`
 */
export function requireTokenType(answer: { readonly token_type: string }, isBound: boolean): void {
  if ((answer.token_type.toLowerCase() === 'dpop') === isBound) return
  throw new BffError(
    'provider_misconfigured',
    isBound
      ? 'The identity provider answered with a Bearer token where a DPoP token was asked for. It was discarded.'
      : 'The identity provider answered with a DPoP token where a Bearer token was asked for. It was discarded.',
  )
}
