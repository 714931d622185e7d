import type { EthereumProvider } from '@bff/wallet/client'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** What EIP-1193 names for "the person said no". */
const REFUSED = 4001

/**
 * A wallet within the page, where no extension is installed: one account whose key was made just now and is gone with
 * the page. Like any wallet it shows what is to be signed, and asks. For demos only: a real key has no place in a page.
 */
export function developmentWallet(): EthereumProvider {
  const account = privateKeyToAccount(generatePrivateKey())
  return {
    async request({ method, params = [] }) {
      if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [account.address]
      if (method === 'eth_chainId') return '0x1'
      if (method !== 'personal_sign') throw refusal(4200, `This wallet knows no ${method}.`)
      const raw = bytesOf(String(params[0]))
      if (!(await confirm(new TextDecoder().decode(raw)))) throw refusal(REFUSED, 'The request was refused.')
      return account.signMessage({ message: { raw } })
    },
  }
}

const refusal = (code: number, message: string) => Object.assign(new Error(message), { code })

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Shows the message; `true` once it may be signed. */
function confirm(message: string): Promise<boolean> {
  const dialog = document.createElement('dialog')
  dialog.className = 'wallet'
  dialog.setAttribute('aria-labelledby', 'wallet-title')
  const title = element('h2', 'Development wallet')
  title.id = 'wallet-title'
  const [refuse, sign] = [element('button', 'Refuse'), element('button', 'Sign')]
  refuse.className = 'quiet'
  sign.value = 'sign'
  const buttons = document.createElement('form')
  buttons.method = 'dialog'
  buttons.append(refuse, sign)
  const note =
    'No wallet extension is installed, so this one stands in, with a key made just now. It is asked to sign:'
  dialog.append(title, element('p', note), element('pre', message), buttons)
  document.body.append(dialog)
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'sign')
    })
    dialog.showModal()
    sign.focus()
  })
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text: string,
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag)
  node.textContent = text
  return node
}
