import { BffError } from '@bff/core'
import {
  type Address,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  isErc6492Signature,
  parseErc6492Signature,
} from '../ethereum.ts'
import type { JsonRpc } from './json-rpc.ts'

/** The result of the chain for a signature; `no_contract`: only a key can have made it. */
export type ContractVerdict = 'valid' | 'invalid' | 'no_contract'

/** Checks signatures with contract wallets. */
export interface ContractWallets {
  readonly chainId: number
  /**
   * Checks a signature in the order of ERC-6492: first a wallet that is not deployed yet and includes its deployment, then
   * deployed code with ERC-1271.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`
   */
  check(address: Address, hash: Hex, signature: Hex): Promise<ContractVerdict>
}

const IS_VALID_SIGNATURE = [
  {
    type: 'function',
    name: 'isValidSignature',
    stateMutability: 'view',
    inputs: [
      { name: 'hash', type: 'bytes32' },
      { name: 'signature', type: 'bytes' },
    ],
    outputs: [{ name: '', type: 'bytes4' }],
  },
] as const

/** Exactly the 32 bytes that encode a returned `bytes4` (ERC-1271, WAL-10). */
const MAGIC = `0x1626ba7e${'0'.repeat(56)}`
/** Code of an account that a key still owns, and that delegates to a contract (EIP-7702). */
const DELEGATION = /^0xef0100[0-9a-f]{40}$/i

export function createContractWallets(rpc: JsonRpc, chainId: number): ContractWallets {
  let isOurChain: Promise<void> | null = null

  async function requireChain(): Promise<void> {
    if (Number(await rpc.text('eth_chainId', [])) === chainId) return
    throw new BffError(
      'provider_misconfigured',
      `The Ethereum node is not on chain ${chainId}. Its operator must correct rpcUrl or chainId.`,
    )
  }

  const codeOf = (address: Address) => rpc.text('eth_getCode', [address, 'latest'])

  async function ask(address: Address, hash: Hex, signature: Hex): Promise<ContractVerdict> {
    const data = encodeFunctionData({ abi: IS_VALID_SIGNATURE, args: [hash, signature] })
    return (await rpc.call({ to: address, data })) === MAGIC ? 'valid' : 'invalid'
  }

  /** Deploys the wallet and asks it, in one call that changes nothing. */
  async function askUndeployed(address: Address, hash: Hex, signature: Hex): Promise<ContractVerdict> {
    // All of viem is loaded only for such a wallet.
    const { erc6492SignatureValidatorAbi, erc6492SignatureValidatorByteCode } = await import('viem')
    const data = encodeDeployData({
      abi: erc6492SignatureValidatorAbi,
      bytecode: erc6492SignatureValidatorByteCode,
      args: [address, hash, signature],
    })
    return (await rpc.call({ data })) === '0x01' ? 'valid' : 'invalid'
  }

  return {
    chainId,
    async check(address, hash, signature) {
      isOurChain ??= requireChain().catch((error: unknown) => {
        isOurChain = null
        throw error
      })
      await isOurChain
      const code = await codeOf(address)
      const isDeployed = code !== '0x'
      if (isErc6492Signature(signature)) {
        if (!isDeployed) return askUndeployed(address, hash, signature)
        return ask(address, hash, parseErc6492Signature(signature).signature)
      }
      if (!isDeployed) return 'no_contract'
      const verdict = await ask(address, hash, signature)
      return verdict === 'invalid' && DELEGATION.test(code) ? 'no_contract' : verdict
    },
  }
}
