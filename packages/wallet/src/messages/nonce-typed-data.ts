import type { Address, Hex } from '../ethereum.ts'
import { letterBytes, nonceBytes } from './nonce.ts'

/** The part of an EIP-712 domain that the app chooses; the challenge sets the chain. */
export interface TypedDataDomain {
  readonly name: string
  readonly version: string
  readonly verifyingContract: Address
}

/**
 * Returns the EIP-712 documents for clients of barong's design: with the nonce as the text of the challenge and as bytes,
 * which some clients decode from base64url, and others, such as barong's own, take from the letters (UTF-8). Both mean the
 * same. The server sets every field, so a client cannot add or leave out one (EIP-712, WAL-09).
 */
export function nonceTypedData(domain: TypedDataDomain, challenge: Challenge) {
  const { nonce } = challenge
  return [nonceBytes(nonce), letterBytes(nonce)].map((bytes) => documentOf(domain, challenge, bytes))
}

function documentOf({ name, version, verifyingContract }: TypedDataDomain, challenge: Challenge, bytes: Hex) {
  return {
    domain: { name, version, chainId: BigInt(challenge.chain_id), verifyingContract },
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      NonceMessage: [
        { name: 'nonceString', type: 'string' },
        { name: 'nonceBytes', type: 'bytes' },
      ],
    } as const,
    primaryType: 'NonceMessage' as const,
    message: { nonceString: challenge.nonce, nonceBytes: bytes },
  }
}

interface Challenge {
  readonly nonce: string
  readonly chain_id: number
}
