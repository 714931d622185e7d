import { type Address, type Hex, isErc6492Signature } from '../ethereum.ts'
import type { ContractWallets } from './contract.ts'
import { recoverSigner } from './eoa.ts'

/** A signature that was found good, and of what. */
export interface VerifiedSignature {
  readonly kind: 'key' | 'contract'
  readonly hash: Hex
}

export interface Signed {
  readonly address: Address
  readonly chainId: number
  /** What may have been signed. */
  readonly hashes: readonly Hex[]
  readonly signature: Hex
}

/**
 * Which of the hashes `address` has signed; `null` when none.
 *
 * Where the app configured a node, contracts are asked before keys are recovered, and an unanswered question is no
 * sign-in (WAL-10, WAL-11). A wallet on another chain than the node's can sign in by its key only.
 *
 * @throws BffError `provider_unavailable`, `provider_misconfigured`
 */
export async function verifySignature(
  { address, chainId, hashes, signature }: Signed,
  contracts: ContractWallets | null,
): Promise<VerifiedSignature | null> {
  for (const hash of hashes) {
    if (contracts !== null && contracts.chainId === chainId) {
      const verdict = await contracts.check(address, hash, signature)
      if (verdict === 'valid') return { kind: 'contract', hash }
      if (verdict === 'invalid') continue
    }
    if (isErc6492Signature(signature)) continue
    if ((await recoverSigner(hash, signature)) === address) return { kind: 'key', hash }
  }
  return null
}
