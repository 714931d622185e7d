const encoder = new TextEncoder()
// A byte order mark is content: without ignoreBOM a leading one would be lost.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** The text of UTF-8 bytes; throws a `TypeError` when they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Unpadded base64url (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return urlSafe(btoa(binary))
}

/** The unpadded base64url of text as UTF-8; of ASCII without making the bytes. */
export function textToBase64url(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? urlSafe(btoa(text)) : toBase64url(utf8(text))
}

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** The bytes of canonical unpadded base64url, or `null`: foreign character, impossible length, leftover bits set. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
  return toBase64url(bytes) === text ? bytes : null
}
