import { exportPKCS8, generateKeyPair } from 'jose'

/** A new P-256 key as PEM. */
export async function signingKeyPem(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return exportPKCS8(privateKey)
}
