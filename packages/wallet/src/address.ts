import { type Address, getAddress, isAddress, zeroAddress } from './ethereum.ts'

/** Letters of one case only have no checksum (EIP-55). */
const UPPER_CASE = /^0[xX][0-9A-F]{40}$/

/**
 * Returns an address from outside in EIP-55 form; `null` for anything but 20 bytes of `0x` hex, for a mixed-case address
 * with a wrong checksum, and for the zero address (EIP-55, WAL-07).
 */
export function parseAddress(text: unknown): Address | null {
  if (typeof text !== 'string') return null
  const written = UPPER_CASE.test(text) ? text.toLowerCase() : text
  if (!isAddress(written)) return null
  const address = getAddress(written)
  return address === zeroAddress ? null : address
}

/**
 * Returns the user id of an address: in lower case, with the namespace of CAIP-2, so that each spelling is the same user
 * (WAL-07).
 */
export const userIdOf = (address: string): string => `eip155:${address.toLowerCase()}`
