import { BffError } from '@bff/core'
import { type Address, createSiweMessage, zeroAddress } from '../ethereum.ts'
import type { Settings } from '../options.ts'
import type { ChallengeClaims } from '../tokens/claims.ts'
import { siweNonce } from './nonce.ts'

/**
 * Returns the EIP-4361 message that `address` must sign, made only from the signed challenge: nothing in it comes from the
 * request with the signature (EIP-4361, WAL-01, WAL-04 to WAL-06).
 *
 * The Request ID is the challenge's id, and the message expires with the challenge.
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
 * Checks at the start that messages can be made, and not at the first sign-in.
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
      `wallet: EIP-4361 has no message for the domain ${domain} and URI ${uri}. Change the origin or uri.`,
    )
  }
}
