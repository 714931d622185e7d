import { isBffError } from '@bff/core'
import { errors, type JWTPayload } from 'jose'
import { isObject } from '../answer.ts'
import { causeOf } from '../cause.ts'
import type { KeySet } from '../keys.ts'
import type { Settings } from '../options.ts'
import { readSubject, type SubjectIdentifier } from './subject.ts'

/** Older ones are refused: longer than this no store remembers that it was used. */
export const MAX_AGE_MS = 7 * 86_400_000
/** More than any transmitter sends, and little enough to check. */
const MAX_LENGTH = 65_536
/** Those that a security event token must not have: with them it would be another token (OpenID SSF 1.0 §4.1). */
const FOREIGN_CLAIMS = ['exp', 'sub', 'nonce']

/** The codes of RFC 8935 §2.4, and `invalid_state` of OpenID SSF 1.0 §8.1.4. */
export type SetErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'invalid_state'

/** A refused token, as the transmitter learns of it. */
export class SetRefusal extends Error {
  readonly code: SetErrorCode
  constructor(code: SetErrorCode, description: string, cause?: unknown) {
    super(description, { cause })
    this.name = 'SetRefusal'
    this.code = code
  }
}

/** A verified security event token. */
export interface VerifiedSet {
  readonly issuer: string
  readonly jti: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  readonly events: ReadonlyArray<{
    readonly uri: string
    readonly event: Readonly<Record<string, unknown>>
    readonly subject: SubjectIdentifier | null
  }>
}

/**
 * Verifies a security event token (RFC 8417, OpenID SSF 1.0 §4) as strictly as a logout token: issuer, audience, type,
 * algorithm, time and signature. Whether it was used before is the receiver's to check.
 *
 * @throws SetRefusal, BffError `provider_unavailable`, `provider_misconfigured` when the keys are not available
 */
export async function verifySet(keys: KeySet, settings: Settings, jwt: string): Promise<VerifiedSet> {
  const { issuer, clientId, clock, signingAlgorithms, clockToleranceMs } = settings
  if (jwt.length > MAX_LENGTH) throw invalid('The token is too long.')
  const { payload } = await keys
    .verify(jwt, {
      algorithms: [...signingAlgorithms],
      // An ID token, access token or logout token is no event, regardless of its signer.
      typ: 'secevent+jwt',
      issuer,
      audience: clientId,
      requiredClaims: ['iat', 'jti', 'events'],
      currentDate: new Date(clock.now()),
      clockTolerance: clockToleranceMs / 1000,
    })
    .catch((error: unknown) => {
      throw isBffError(error) ? error : refusalOf(error)
    })
  const issuedAt = Number(payload.iat) * 1000
  if (typeof payload.iat !== 'number' || issuedAt > clock.now() + clockToleranceMs)
    throw invalid('The token was issued in the future.')
  if (issuedAt < clock.now() - MAX_AGE_MS) throw invalid('The token was issued too long ago.')
  return { issuer, issuedAt, ...contentOf(payload) }
}

function contentOf(payload: JWTPayload): Pick<VerifiedSet, 'jti' | 'events'> {
  const { jti, events } = payload
  if (typeof jti !== 'string' || jti === '') throw invalid('The token has no usable jti.')
  const foreign = FOREIGN_CLAIMS.find((claim) => Object.hasOwn(payload, claim))
  if (foreign !== undefined) throw invalid(`A security event token must not have the claim ${foreign}.`)
  if (!isObject(events) || Object.keys(events).length === 0) throw invalid('The token names no event.')
  const about = subjectIn(payload, 'sub_id')
  return {
    jti,
    events: Object.entries(events).map(([uri, event]) => {
      if (!isObject(event)) throw invalid('An event of the token is not an object.')
      // Before the final version the event named its subject.
      return { uri, event, subject: about ?? subjectIn(event, 'subject') }
    }),
  }
}

function subjectIn(holder: Readonly<Record<string, unknown>>, claim: string): SubjectIdentifier | null {
  if (holder[claim] === undefined) return null
  const subject = readSubject(holder[claim])
  if (subject === null) throw invalid(`The ${claim} of the token is not a subject identifier.`)
  return subject
}

const CODE_BY_CLAIM: Readonly<Record<string, SetErrorCode>> = {
  iss: 'invalid_issuer',
  aud: 'invalid_audience',
}

function refusalOf(error: unknown): SetRefusal {
  const cause = causeOf(error)
  if (error instanceof errors.JWTClaimValidationFailed) {
    const code = CODE_BY_CLAIM[error.claim] ?? 'invalid_request'
    return new SetRefusal(code, `The ${error.claim} of the token is not the expected one.`, cause)
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return new SetRefusal('invalid_key', 'No key of the transmitter verifies the token.', cause)
  return new SetRefusal('invalid_request', 'This is not a valid security event token.', cause)
}

const invalid = (description: string) => new SetRefusal('invalid_request', description)
