import { signIn, WalletClientError, walletPage } from '/wallet-client.js'
import { bff } from './bff.js'
import { messageOfCode } from './messages.js'

/** What EIP-1193 names for "the person said no". */
const REFUSED = 4001

/** Signs in with the wallet of an extension, or with one that stands in. What to tell when that failed, else `null`. */
export async function signInWithWallet() {
  try {
    await signIn(window.ethereum ?? (await developmentWallet()), walletPage())
    await bff.refetch()
    return null
  } catch (error) {
    if (error.code === REFUSED) return 'You refused to sign, so you are not signed in.'
    if (!(error instanceof WalletClientError)) return `The wallet did not sign: ${error.message}`
    if (error.status === 401) return 'The signature was not accepted. You can try again.'
    return messageOfCode(error.code)
  }
}

/** Large, and needed by nobody who has a wallet. */
async function developmentWallet() {
  const module = await import('/development-wallet.js')
  return module.developmentWallet()
}
