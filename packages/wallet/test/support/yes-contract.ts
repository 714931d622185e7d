import { type Address, concatHex, type Hex } from 'viem'
import { type Chain, startChain } from './chain.ts'

/** A contract that calls every signature good, whoever made it. */
export const YES_CONTRACT: Address = '0x00000000000000000000000000000000000Ace55'

/** Puts `0x1626ba7e` and 28 zeros in memory, and returns these 32 bytes (ERC-1271). */
const CODE: Hex = concatHex(['0x7f', `0x1626ba7e${'00'.repeat(28)}`, '0x60005260206000f3'])

export async function startChainOfYes(chainId = 1): Promise<Chain> {
  const chain = await startChain(chainId)
  await chain.setCode(YES_CONTRACT, CODE)
  return chain
}
