/** The parts of viem that this package uses: only its small entries, in one place. */
export type { Address, Hex } from 'viem'
export { createSiweMessage } from 'viem/siwe'
export {
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  hashMessage,
  hashTypedData,
  isAddress,
  isErc6492Signature,
  parseErc6492Signature,
  recoverAddress,
} from 'viem/utils'

export const zeroAddress = '0x0000000000000000000000000000000000000000'
