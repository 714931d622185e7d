import { type Address, type Hex, hashMessage, hashTypedData } from '../ethereum.ts'
import type { Settings } from '../options.ts'
import type { ChallengeClaims } from '../tokens/claims.ts'
import { nonceTypedData } from './nonce-typed-data.ts'
import { siweMessage } from './siwe.ts'

/** Returns the hashes that answer the challenge, of which `address` must have signed one; the preferred message is first. */
export function signableHashes(
  challenge: ChallengeClaims,
  address: Address,
  { typedData, acceptNonceSignatures }: Pick<Settings, 'typedData' | 'acceptNonceSignatures'>,
): Hex[] {
  const hashes = [hashMessage(siweMessage(challenge, address))]
  if (typedData !== null)
    hashes.push(...nonceTypedData(typedData, challenge).map((document) => hashTypedData(document)))
  if (acceptNonceSignatures) hashes.push(hashMessage(challenge.nonce))
  return hashes
}
