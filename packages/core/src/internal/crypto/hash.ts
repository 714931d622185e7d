import { toBase64url, utf8 } from './encoding.ts'
import { nodeCrypto } from './platform.ts'

/** SHA-256 of bytes, or of text as UTF-8. */
export async function sha256(data: string | Uint8Array, node = nodeCrypto()): Promise<Uint8Array> {
  if (node) return node.createHash('sha256').update(data).digest()
  const bytes = typeof data === 'string' ? utf8(data) : data
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

/** SHA-256 of text as UTF-8, in unpadded base64url: 43 characters. */
export async function sha256Base64url(data: string): Promise<string> {
  return nodeCrypto()?.hash?.('sha256', data, 'base64url') ?? toBase64url(await sha256(data))
}

/** Whether two strings are equal, in a time that depends on no character of them, only on a length (CRY-14). */
export function equalsConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/**
 * Bytes of the system's random generator as unpadded base64url.
 *
 * @param bytes how many. @default 32, which give 43 characters
 */
export function randomToken(bytes = 32): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(bytes)))
}
