import { BffError, type DpopKeyPair, type ProviderTransaction } from '@bff/core'
import { isObject } from './answer.ts'

/** The data of a sign-in between the redirect and the callback. */
export interface Transaction {
  /** The sign-in is bound to the provider and the redirect URI it began with (BFF-20). */
  readonly issuer: string
  readonly redirectUri: string
  readonly nonce: string
  readonly codeVerifier: string
  /** The requested `max_age` in seconds, against which `auth_time` is checked; `null` without one. */
  readonly maxAge: number | null
  /** The requested `acr_values`, one of which `acr` must be; `null` without them. */
  readonly acrValues: string | null
  /** The key whose thumbprint the authorization request named (DPO-15). */
  readonly dpopKeyPair: DpopKeyPair | null
}

/** Converts a {@link Transaction} to JSON that is opaque to core. */
export function writeTransaction(transaction: Transaction): ProviderTransaction {
  return { ...transaction }
}

/** @throws BffError `login_failed` when it is malformed, or belongs to another provider or client */
export function readTransaction(value: ProviderTransaction, issuer: string): Transaction {
  const { issuer: begunAt, redirectUri, nonce, codeVerifier, maxAge, acrValues, dpopKeyPair } = value
  const isComplete =
    begunAt === issuer &&
    typeof redirectUri === 'string' &&
    typeof nonce === 'string' &&
    typeof codeVerifier === 'string' &&
    (maxAge === null || typeof maxAge === 'number') &&
    (acrValues === null || typeof acrValues === 'string') &&
    (dpopKeyPair === null || isKeyPair(dpopKeyPair))
  if (!isComplete) {
    throw new BffError('login_failed', 'This sign-in began at another provider. Start signing in again.')
  }
  return { issuer, redirectUri, nonce, codeVerifier, maxAge, acrValues, dpopKeyPair }
}

function isKeyPair(value: unknown): value is DpopKeyPair {
  return (
    isObject(value) &&
    isObject(value['privateJwk']) &&
    isObject(value['publicJwk']) &&
    typeof value['thumbprint'] === 'string'
  )
}
