import ipaddr from 'ipaddr.js'
import { parseAddress, textOf } from '../internal/address.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

/** Long enough for any usual key; a longer key is stored as its hash. */
const MAX_KEY = 128

/**
 * Returns the part of a key for a client address: IPv4 whole, IPv6 as its network, because one subscriber has the whole
 * network (CVE-2026-45364, RLM-05).
 */
export function addressKey(address: string, ipv6Prefix: number): string {
  const parsed = parseAddress(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed === null ? address : textOf(parsed)
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${textOf(parsed)}/${ipv6Prefix}`)
  return `${textOf(network)}/${ipv6Prefix}`
}

export const boundedKey = async (key: string): Promise<string> =>
  key.length > MAX_KEY ? `#${await sha256Base64url(key)}` : key
