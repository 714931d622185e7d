const BYTES = 32

/** 32 random bytes in padded base64url: 44 characters. */
export function generateNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/** The bytes of a nonce, as `0x` hex. */
export function nonceBytes(nonce: string): `0x${string}` {
  const binary = atob(nonce.replaceAll('-', '+').replaceAll('_', '/'))
  return `0x${[...binary].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`
}

/** The letters of a nonce as bytes, as `0x` hex. */
export const letterBytes = (nonce: string): `0x${string}` =>
  `0x${[...nonce].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`

/** The nonce as EIP-4361 wants one, letters and digits only: the same bytes in hex. */
export const siweNonce = (nonce: string): string => nonceBytes(nonce).slice(2)
