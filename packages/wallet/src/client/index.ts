/**
 * `@bff/wallet/client`: the client for the page or app with the wallet. It needs no other package.
 *
 * @module
 */
export { type ClientOptions, WalletClientError } from './http.ts'
export { challengeMessage } from './message.ts'
export { type EthereumProvider, signIn } from './sign-in.ts'
export {
  type Authenticator,
  type ChallengeRequest,
  type TokenPair,
  type WalletClient,
  type WalletPage,
  type WalletPageOptions,
  walletClient,
  walletPage,
} from './wallet-client.ts'
