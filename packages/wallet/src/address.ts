import { type Address, getAddress, isAddress, zeroAddress } from './ethereum.ts'

/** Letters of one case only have no checksum (EIP-55). */
const UPPER_CASE = /^0[xX][0-9A-F]{40}$/

/**
 * The account an address from outside names, in EIP-55 form; `null` for anything but 20 bytes of `0x` hex, for a
 * mixed-case address whose checksum is wrong, and for the zero address (WAL-07).
 */
export function parseAddress(text: unknown): Address | null {
  if (typeof text !== 'string') return null
  const written = UPPER_CASE.test(text) ? text.toLowerCase() : text
  if (!isAddress(written)) return null
  const address = getAddress(written)
  return address === zeroAddress ? null : address
}

/** One user, however the address is written (WAL-07): lower case, in the namespace of CAIP-2. */
export const userIdOf = (address: string): string => `eip155:${address.toLowerCase()}`

/** Whether a user id is one of {@link userIdOf}. */
export const isWalletUserId = (userId: string): boolean => /^eip155:0x[0-9a-f]{40}$/.test(userId)
