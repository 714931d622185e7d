/** The claims of a challenge that the message contains. */
interface Challenge {
  readonly sub: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly nonce: string
  readonly domain: string
  readonly uri: string
  readonly chain_id: number
  readonly statement?: string
}

/**
 * Returns the EIP-4361 message that the challenge's address must sign, exactly as the server builds it.
 *
 * @param challenge a token that names an address, from `challenge({ address })`
 * @throws TypeError when the challenge names no address
 */
export function challengeMessage(challenge: string): string {
  const claims: Challenge = JSON.parse(new TextDecoder().decode(bytesOf(challenge.split('.')[1] ?? '')))
  if (claims.sub === '') throw new TypeError('The challenge names no address. Ask for one that does.')
  return [
    `${claims.domain} wants you to sign in with your Ethereum account:`,
    claims.sub,
    '',
    ...(claims.statement === undefined ? [] : [claims.statement]),
    '',
    `URI: ${claims.uri}`,
    'Version: 1',
    `Chain ID: ${claims.chain_id}`,
    `Nonce: ${hexOf(bytesOf(claims.nonce))}`,
    `Issued At: ${new Date(claims.iat * 1000).toISOString()}`,
    `Expiration Time: ${new Date(claims.exp * 1000).toISOString()}`,
    `Request ID: ${claims.jti}`,
  ].join('\n')
}

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}
