import { challengeMessage, hexOf } from './message.ts'
import type { Authenticator } from './wallet-client.ts'

/** A wallet in a browser (EIP-1193). */
export interface EthereumProvider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>
}

/**
 * Signs in with the first account that a wallet shows to the page. When the user refuses in the wallet, it rejects with the
 * wallet's own error, whose `code` is 4001 (EIP-1193).
 *
 * @param options.chainId the chain to sign for. @default the first that the server allows
 * @throws WalletClientError, TypeError when the wallet has no account
 * @example
 * ```ts
 * import { type EthereumProvider, signIn, walletPage } from '@bff/wallet/client'
 *
 * export async function onButton(ethereum: EthereumProvider) {
 *   const { address } = await signIn(ethereum, walletPage())
 *   return `Signed in as ${address}`
 * }
 * ```
 */
export async function signIn<SignedIn>(
  ethereum: EthereumProvider,
  authenticator: Authenticator<SignedIn>,
  options: { readonly chainId?: number } = {},
): Promise<SignedIn> {
  const accounts: unknown = await ethereum.request({ method: 'eth_requestAccounts' })
  const address: unknown = Array.isArray(accounts) ? accounts[0] : undefined
  if (typeof address !== 'string') throw new TypeError('The wallet has no account. Connect one.')
  const challenge = await authenticator.challenge({ address, ...options })
  const message = `0x${hexOf(new TextEncoder().encode(challengeMessage(challenge)))}`
  const signature: unknown = await ethereum.request({ method: 'personal_sign', params: [message, address] })
  if (typeof signature !== 'string') throw new TypeError('The wallet did not return a signature. Try again.')
  return authenticator.login(challenge, signature, address)
}
