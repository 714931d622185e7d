import ipaddr from 'ipaddr.js'
import { BffError } from './bff-error.ts'

/** A parsed address; an IPv4-mapped IPv6 address becomes its IPv4 address (CIP-06). */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A network and the length of its prefix. */
export type Range = readonly [network: Address, bits: number]

/**
 * An address in one of the spellings that cannot be misread: four decimal numbers without leading zeros, or IPv6
 * without a zone. `null` for anything else (CIP-04).
 */
export function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  const hex = withHexTail(text)
  if (hex === null || !ipaddr.IPv6.isValid(hex)) return null
  const address = ipaddr.IPv6.parse(hex)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** IPv6 text whose dotted end, if any, is written as two groups, as the library reads dotted ends too freely. */
function withHexTail(text: string): string | null {
  const [, head, tail] = /^([\da-f:]{2,39})((?<=:)[\d.]{7,15})?$/i.exec(text) ?? []
  if (head === undefined || tail === undefined) return head ?? null
  if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return null
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).octets
  return `${head}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/**
 * An address as proxies write it: bare, or with a port, IPv6 in brackets then (CIP-05, RFC 7239 §6). A bare `::1:80` is
 * an address. `null` for anything else.
 */
export function parseNode(text: string): Address | null {
  const [, bracketed, dotted, port] = /^(?:\[([^\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (port !== undefined && Number(port) > 65_535) return null
  if (bracketed !== undefined) return bracketed.includes(':') ? parseAddress(bracketed) : null
  return parseAddress(dotted ?? text)
}

/** The one text of an address (RFC 5952), so that equal addresses are equal strings. */
export const textOf = (address: Address): string =>
  address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()

export const isIn = (ranges: readonly Range[], address: Address): boolean =>
  ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))

/** Nobody owns a wider network: such a range is a mistake, and would let anyone choose their address (CIP-02). */
const SHORTEST_PREFIX = { ipv4: 8, ipv6: 7 } as const

/**
 * Reads networks such as `10.0.0.0/8`, and single addresses.
 *
 * @throws BffError `invalid_config`
 */
export function parseRanges(option: string, texts: readonly string[]): readonly Range[] {
  if (!Array.isArray(texts)) throw invalid(option, 'a list of networks such as 10.0.0.0/8')
  return texts.map((text) => parseRange(option, String(text)))
}

function parseRange(option: string, text: string): Range {
  const [network = '', prefix] = text.split('/', 2)
  const address = parseAddress(network)
  const valid = /^[^/]+(?:\/(?:0|[1-9]\d{0,2}))?$/.test(text)
  if (address === null || !valid) throw invalid(option, `networks such as 10.0.0.0/8; ${text} is not one`)
  const width = address.toByteArray().length * 8
  const mapped = network.includes(':') ? 128 - width : 0
  const bits = prefix === undefined ? width : Number(prefix) - mapped
  if (bits > width) throw invalid(option, `networks such as 10.0.0.0/8; ${text} is not one`)
  if (bits < SHORTEST_PREFIX[address.kind()])
    throw invalid(option, `networks of your own; ${text} is nearly everyone`)
  const start = ipaddr.fromByteArray(
    address.toByteArray().map((byte, at) => byte & (0xff << Math.max(0, 8 - Math.max(0, bits - at * 8)))),
  )
  if (textOf(start) !== textOf(address))
    throw invalid(option, `networks by their first address; ${text} begins at ${textOf(start)}`)
  return [address, bits]
}

const invalid = (option: string, must: string) =>
  new BffError('invalid_config', `${option} of clientAddress must list ${must}.`)
