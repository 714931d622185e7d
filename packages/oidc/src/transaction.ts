import { BffError, type DpopKeyPair, type ProviderTransaction } from '@bff/core'
import { isObject } from './answer.ts'

/** What a sign-in remembers from the redirect to the callback. */
export interface Transaction {
  /** The sign-in is bound to the provider and the redirect URI it began with (BFF-20). */
  readonly issuer: string
  readonly redirectUri: string
  readonly nonce: string
  readonly codeVerifier: string
  /** Seconds, when `max_age` was asked for: then `auth_time` is checked against it. */
  readonly maxAge: number | null
  /** When `acr_values` were asked for: then `acr` must be one of them. */
  readonly acrValues: string | null
  /** The key whose thumbprint the authorization request named (DPO-15). */
  readonly dpopKeyPair: DpopKeyPair | null
}

/** A {@link Transaction} in the port's terms: JSON, opaque to the core. */
export function writeTransaction(transaction: Transaction): ProviderTransaction {
  return { ...transaction }
}

/** @throws BffError `login_failed` when it is not one of ours, or of another provider or client */
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
    throw new BffError('login_failed', 'This sign-in was not begun at this provider. Start signing in again.')
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
