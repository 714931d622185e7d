import { generateKeyPairSync } from 'node:crypto'

/** A fresh P-256 key as PEM, which signs the tokens of people who come with a wallet. */
export function generateWalletKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
