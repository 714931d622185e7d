import { toBase64url } from '../internal/crypto/encoding.ts'

/** Standard base64, without padding. */
export function toBase64(bytes: Uint8Array): string {
  return toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
}

/**
 * As every request does this, it is the fastest way; what else would decode to the same bytes does not matter.
 * `null` when it is no base64.
 */
export function fromBase64(text: string): Uint8Array | null {
  try {
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
    return bytes
  } catch {
    return null
  }
}
