import { BffError, isBffError, type LogoutTokenClaims } from '@bff/core'
import { decodeProtectedHeader, type JWTPayload } from 'jose'
import { isObject } from './answer.ts'
import { causeOf } from './cause.ts'
import type { Client } from './client.ts'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6, LGO-03 to LGO-08). Core refuses a replay, by `jti`
 * (LGO-09).
 */
export async function verifyLogoutToken(client: Client, jwt: string): Promise<LogoutTokenClaims> {
  const { issuer, issuers, clientId, clock, signingAlgorithms, clockToleranceMs } = client.settings
  const { payload } = await client.keys
    .verify(jwt, {
      algorithms: [...signingAlgorithms],
      // An ID token or access token is not a logout token, regardless of its signer (LGO-08).
      ...(isUntyped(client, jwt) ? {} : { typ: 'logout+jwt' }),
      ...(issuers.areMany ? {} : { issuer }),
      audience: clientId,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      currentDate: new Date(clock.now()),
      clockTolerance: clockToleranceMs / 1000,
    })
    .catch((error: unknown) => {
      throw isBffError(error) ? error : refused(causeOf(error))
    })
  if (!(await issuers.accepts(payload))) throw refused(new Error('Its issuer is not accepted.'))
  return claimsOf(payload, Math.floor((clock.now() + clockToleranceMs) / 1000))
}

/** Returns whether the app accepts that the token names no type of its own, as tokens of servers before the type do. */
function isUntyped({ settings }: Client, jwt: string): boolean {
  if (!settings.isUntypedLogoutTokenAccepted) return false
  try {
    const { typ } = decodeProtectedHeader(jwt)
    return typ === undefined || typ.toUpperCase() === 'JWT'
  } catch {
    return false
  }
}

function claimsOf(payload: JWTPayload, latest: number): LogoutTokenClaims {
  const { iss, jti, iat, exp } = payload
  const subject = nameOf(payload, 'sub')
  const providerSessionId = nameOf(payload, 'sid')
  if (subject === null && providerSessionId === null)
    throw refused(new Error('It names neither sub nor sid.'))
  if (!isObject(payload['events']) || !isObject(payload['events'][LOGOUT_EVENT])) {
    throw refused(new Error('Its events are not those of a logout.'))
  }
  if (Object.hasOwn(payload, 'nonce')) throw refused(new Error('It has a nonce.'))
  if (iss === undefined || typeof jti !== 'string' || jti === '')
    throw refused(new Error('It has no usable jti.'))
  if (typeof iat !== 'number' || iat > latest || exp === undefined) {
    throw refused(new Error('It was issued in the future.'))
  }
  return { issuer: iss, subject, providerSessionId, jti, issuedAt: iat, expiresAt: exp }
}

/** LGO-05: a present claim must be a string. */
function nameOf(payload: JWTPayload, claim: 'sub' | 'sid'): string | null {
  const value = payload[claim]
  if (value === undefined) return null
  if (typeof value !== 'string' || value === '') throw refused(new Error(`Its ${claim} is not a string.`))
  return value
}

function refused(cause: Error): BffError {
  return new BffError('bad_request', 'The logout token is not valid. Send a valid one.', { cause })
}
