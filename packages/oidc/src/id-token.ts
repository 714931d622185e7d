import { type Claims, isBffError, type TokenSet } from '@bff/core'
import { errors } from 'jose'
import type { Client } from './client.ts'
import type { TokenAnswer } from './token-answer.ts'
import { untilAborted } from './transport.ts'

/** A longer ID token cannot be part of a sign-out URL, so there is no reason to keep it (LGO-20). */
const MAX_ID_TOKEN_LENGTH = 2048

/** About the token rather than the user. */
const PROTOCOL_CLAIMS = new Set(
  'aud azp exp iat nbf jti nonce at_hash c_hash s_hash urn:openid:params:jwt:claim:rt_hash'.split(' '),
)

/** Returns the claims to keep: all except those about the token itself. */
export function userClaims(claims: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !PROTOCOL_CLAIMS.has(name)))
}

/** Returns the ID token when the sign-out needs it, otherwise `null`. */
export function keptIdToken(client: Client, idToken: string | undefined): string | null {
  if (idToken === undefined || !client.settings.idTokenHint) return null
  return idToken.length <= MAX_ID_TOKEN_LENGTH ? idToken : null
}

/**
 * Verifies the signature, which openid-client leaves to TLS (OpenID Connect Core §3.1.3.7), so that a proxy in front of a
 * provider cannot sign a user in by itself.
 */
export async function verifySignature(client: Client, idToken: string, signal: AbortSignal): Promise<void> {
  const { clock, signingAlgorithms, clockToleranceMs, issuer, issuers, clientId } = client.settings
  const verification = client.keys.verify(idToken, {
    fromProvider: true,
    algorithms: [...signingAlgorithms],
    // Where there are many, the configuration of the call has the one.
    ...(issuers.areMany ? {} : { issuer }),
    audience: clientId,
    currentDate: new Date(clock.now()),
    clockTolerance: clockToleranceMs / 1000,
  })
  await untilAborted(verification, signal)
}

/**
 * Returns the claims of a refreshed ID token after its signature is verified (OpenID Connect Core §12.2); openid-client has
 * checked the issuer, audience, authorized party and times.
 *
 * Without the key it takes no claims from it and accepts the tokens: the old refresh token may already be used, and an
 * outage of the keys must not end the session. It refuses an unverified ID token of another user, together with the tokens.
 */
export async function refreshedIdToken(
  client: Client,
  answer: TokenAnswer,
  subject: string,
  signal: AbortSignal,
): Promise<Pick<TokenSet, 'claims' | 'idToken'>> {
  const claims = answer.claims()
  if (answer.id_token === undefined || claims === undefined) return { claims: null, idToken: null }
  try {
    await verifySignature(client, answer.id_token, signal)
  } catch (error) {
    if (claims.sub !== subject || !isMissingKey(error, signal)) throw error
    return { claims: null, idToken: null }
  }
  return { claims: userClaims(claims), idToken: keptIdToken(client, answer.id_token) }
}

function isMissingKey(error: unknown, signal: AbortSignal): boolean {
  return isBffError(error) || error instanceof errors.JWKSNoMatchingKey || signal.aborted
}
