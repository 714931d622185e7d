import { BffError } from '@bff/core'
import { type Address, createSiweMessage, zeroAddress } from '../ethereum.ts'
import type { Settings } from '../options.ts'
import type { ChallengeClaims } from '../tokens/claims.ts'
import { siweNonce } from './nonce.ts'

/**
 * The EIP-4361 message a challenge asks `address` to sign, made from what we signed into the challenge: nothing in it
 * comes from the request that brings the signature (WAL-01, WAL-04 to WAL-06).
 *
 * The challenge's id is its Request ID, and its life the message's.
 */
export function siweMessage(challenge: ChallengeClaims, address: Address): string {
  return createSiweMessage({
    domain: challenge.domain,
    address,
    ...(challenge.statement !== undefined && { statement: challenge.statement }),
    uri: challenge.uri,
    version: '1',
    chainId: challenge.chain_id,
    nonce: siweNonce(challenge.nonce),
    issuedAt: new Date(challenge.iat * 1000),
    expirationTime: new Date(challenge.exp * 1000),
    requestId: challenge.jti,
  })
}

/**
 * Finds out at the start whether messages can be made, not when somebody signs in.
 *
 * @throws BffError `invalid_config`
 */
export function requireMessage({ domain, uri, statement, chainIds }: Settings): void {
  try {
    createSiweMessage({
      domain,
      address: zeroAddress,
      uri,
      statement,
      version: '1',
      chainId: chainIds[0] ?? 0,
      nonce: '00000000',
    })
  } catch {
    throw new BffError(
      'invalid_config',
      `wallet: EIP-4361 has no message for the domain ${domain} and URI ${uri}.`,
    )
  }
}
