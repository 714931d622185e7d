import { type Address, type Hex, isErc6492Signature } from '../ethereum.ts'
import type { ContractWallets } from './contract.ts'
import { recoverSigner } from './eoa.ts'

/** A valid signature, and the hash it signs. */
export interface VerifiedSignature {
  readonly kind: 'key' | 'contract'
  readonly hash: Hex
}

export interface Signed {
  readonly address: Address
  readonly chainId: number
  /** The hashes that may have been signed. */
  readonly hashes: readonly Hex[]
  readonly signature: Hex
}

/**
 * Returns which of the hashes `address` has signed; `null` when it has signed none.
 *
 * With a configured node, it asks contracts before it recovers keys, and without a response there is no sign-in (WAL-10,
 * WAL-11). A wallet on another chain than the node's can sign in only by its key.
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
