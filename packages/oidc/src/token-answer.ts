import { BffError, type DpopKeyPair, type TokenSet } from '@bff/core'
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'

/** The response of a token endpoint, checked by openid-client. */
export type TokenAnswer = TokenEndpointResponse & TokenEndpointResponseHelpers

/** Converts the response to a `TokenSet`. */
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

/** Not in any standard: Keycloak writes 0 for offline tokens that never expire. */
function lifeOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

/**
 * Checks that tokens are bound to the key of the proof, or to no key without a proof (RFC 9449 §5, DPO-07).
 *
 * @throws BffError `provider_misconfigured`
 */
export function requireTokenType(answer: { readonly token_type: string }, isBound: boolean): void {
  if ((answer.token_type.toLowerCase() === 'dpop') === isBound) return
  throw new BffError(
    'provider_misconfigured',
    isBound
      ? 'The identity provider answered with a Bearer token, but a DPoP token was requested. It was discarded.'
      : 'The identity provider answered with a DPoP token, but a Bearer token was requested. It was discarded.',
  )
}
