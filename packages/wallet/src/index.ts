export type { ContractWalletOptions, WalletOptions, WalletPaths } from './options.ts'
export type { SigningKey } from './tokens/signing-keys.ts'
export { type Wallet, wallet } from './wallet.ts'
