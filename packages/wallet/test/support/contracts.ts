import { readFileSync } from 'node:fs'
import solc from 'solc'
import type { Abi, Hex } from 'viem'

export interface Contract {
  readonly abi: Abi
  readonly bytecode: Hex
}

const FILE = 'wallets.sol'

/** The contracts of `contracts/wallets.sol`, compiled. */
export function compileContracts(): Readonly<
  Record<'OwnedWallet' | 'ApprovingWallet' | 'WalletFactory' | 'Parrot', Contract>
> {
  const content = readFileSync(new URL(`contracts/${FILE}`, import.meta.url), 'utf8')
  const input = {
    language: 'Solidity',
    sources: { [FILE]: { content } },
    settings: { evmVersion: 'paris', outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  }
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input)))
  for (const { severity, formattedMessage } of errors)
    if (severity === 'error') throw new Error(formattedMessage)
  const contractOf = (name: string): Contract => {
    const { abi, evm } = contracts[FILE][name]
    return { abi, bytecode: `0x${evm.bytecode.object}` }
  }
  return {
    OwnedWallet: contractOf('OwnedWallet'),
    ApprovingWallet: contractOf('ApprovingWallet'),
    WalletFactory: contractOf('WalletFactory'),
    Parrot: contractOf('Parrot'),
  }
}
