import { decodeJwt } from 'jose'
import type { ChallengeView } from './world.ts'

export const VERIFYING_CONTRACT = '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC'
export const TYPED_DATA = { name: 'Barong', version: '1', verifyingContract: VERIFYING_CONTRACT } as const

/** The EIP-712 document as a client of barong's design builds it from the challenge. */
export function typedDataOf(token: string, encoding: 'base64url' | 'utf8' = 'base64url') {
  const { nonce, chain_id: chainId } = decodeJwt<ChallengeView>(token)
  return {
    domain: { ...TYPED_DATA, chainId },
    types: {
      NonceMessage: [
        { name: 'nonceString', type: 'string' },
        { name: 'nonceBytes', type: 'bytes' },
      ],
    },
    message: { nonceString: nonce, nonceBytes: `0x${Buffer.from(nonce, encoding).toString('hex')}` },
  } as const
}
