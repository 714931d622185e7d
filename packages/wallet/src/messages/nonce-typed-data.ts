import type { Address } from '../ethereum.ts'
import { nonceBytes } from './nonce.ts'

/** The part of an EIP-712 domain that is the app's to choose; the chain is the challenge's. */
export interface TypedDataDomain {
  readonly name: string
  readonly version: string
  readonly verifyingContract: Address
}

/**
 * The EIP-712 document for clients of barong's design (S4-17): its nonce, as the text of the challenge and as the bytes
 * that text stands for. Every field is the server's, so there is none a client could add or leave out (WAL-09).
 */
export function nonceTypedData({ name, version, verifyingContract }: TypedDataDomain, challenge: Challenge) {
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
    message: { nonceString: challenge.nonce, nonceBytes: nonceBytes(challenge.nonce) },
  }
}

interface Challenge {
  readonly nonce: string
  readonly chain_id: number
}
