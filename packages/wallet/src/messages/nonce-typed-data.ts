import type { Address, Hex } from '../ethereum.ts'
import { letterBytes, nonceBytes } from './nonce.ts'

/** The part of an EIP-712 domain that is the app's to choose; the chain is the challenge's. */
export interface TypedDataDomain {
  readonly name: string
  readonly version: string
  readonly verifyingContract: Address
}

/**
 * The EIP-712 documents for clients of barong's design: its nonce as the text of the challenge and as bytes, which
 * some clients take from the base64url and others, barong's own, from the letters (UTF-8). Both say the same. Every field is the server's, so there is none a client could add or leave out (WAL-09).
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
