import type { Attachable } from '../contracts/attachable.ts'
import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { WithInsecureOptions } from '../contracts/insecure-option.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { type Address, isIn, parseAddress, parseRanges, textOf } from '../internal/address.ts'
import { attachmentRules, createAttachment } from '../internal/attachment.ts'
import { flag, given } from '../internal/option-rules.ts'
import { type OptionRule, readOptions } from '../internal/options.ts'
import { CLOUDFLARE_RANGES } from './cloudflare-ranges.ts'
import { hopsOf } from './hops.ts'

export interface ClientAddressOptions {
  /**
   * Networks and single addresses of your own proxies and load balancers, such as `10.0.0.0/8`. The BFF trusts only these
   * about earlier hops. @default none
   */
  readonly trustedProxies?: readonly string[]
  /**
   * The one header that your proxies write: `x-forwarded-for`, `forwarded` (RFC 7239), or a header with a single address,
   * such as `x-real-ip`. The BFF reads no other. @default `x-forwarded-for`
   */
  readonly header?: string
  /**
   * Trusts `CF-Connecting-IP` from Cloudflare's networks: `true` for {@link CLOUDFLARE_RANGES}, or your own list.
   * @default false
   */
  readonly cloudflare?: boolean | readonly string[]
  /**
   * Trusts a peer without an address as a proxy: on a Unix socket, or in a framework that has no address, such as Next.js or
   * a Worker. Set it only where nothing but your proxies or your platform can reach the app. @default false
   */
  readonly dangerouslyTrustUnknownPeer?: boolean
  /** Receives `ip.malformed`. @default `onEvent` of the BFF */
  readonly onEvent?: (event: BffEvent) => void
  /** The time of the event. @default the clock of the BFF */
  readonly clock?: Clock
}

/** The address of a client, and where it comes from. */
export interface ClientAddress {
  /** In canonical text (RFC 5952), IPv4-mapped IPv6 as IPv4; `null` when unknown. */
  readonly address: string | null
  /** Whether it is one of the trusted proxies: the request comes from your own network (CIP-08). */
  readonly internal: boolean
  /** Whether a header of a trusted hop could not be read; `address` is then the address of that hop. */
  readonly malformed: boolean
  /** Whether the request came through Cloudflare. */
  readonly cloudflare: boolean
}

/** The `clientAddress` of `createBff`. */
export interface ClientAddressReader extends WithInsecureOptions, Attachable {
  (request: RequestView): string | null
  /** Returns the address and where it comes from. */
  explain(request: RequestView): ClientAddress
}

const header: OptionRule<string> = (value = 'x-forwarded-for', invalid) => {
  if (typeof value === 'string' && /^[\w-]+$/.test(value)) return value.toLowerCase()
  throw invalid('must be the name of a header, such as x-forwarded-for')
}

const OPTIONS = {
  trustedProxies: given<readonly string[]>([]),
  header,
  cloudflare: given<boolean | readonly string[]>(false),
  dangerouslyTrustUnknownPeer: flag(false),
  ...attachmentRules,
}

/**
 * Finds the client's address of a request, for the option `clientAddress` of `createBff` (RFC 7239, CIP-01 to CIP-09).
 *
 * Without options it returns the socket's peer and ignores all headers. With `trustedProxies` it reads the header from the
 * right, hop by hop, while the hops are trusted: the first hop that is not trusted is the client. When an entry is not an
 * address, it returns the last trusted hop. It reads at most 32 hops and 2 KiB.
 *
 * @throws BffError `invalid_config`, also for a network that is too wide to be yours
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { clientAddress } from '@bff/core/client-address'
 *
 * export const behindLoadBalancer = (config: BffConfig) =>
 *   createBff({ ...config, clientAddress: clientAddress({ trustedProxies: ['10.0.0.0/8'] }) })
 * ```
 */
export function clientAddress(options: ClientAddressOptions = {}): ClientAddressReader {
  const { trustedProxies, header, cloudflare, dangerouslyTrustUnknownPeer, ...own } = readOptions(
    'clientAddress',
    options,
    OPTIONS,
  )
  const { emit, attach } = createAttachment(own)
  const trusted = parseRanges('trustedProxies', trustedProxies)
  const edges = parseRanges(
    'cloudflare',
    typeof cloudflare === 'boolean' ? (cloudflare ? CLOUDFLARE_RANGES.ranges : []) : cloudflare,
  )

  // A slot of the request itself: sessions, limits and the proxy each ask, and one report is enough.
  const FOUND: unique symbol = Symbol('client address')
  interface Remembering extends RequestView {
    [FOUND]?: ClientAddress
  }

  function explain(request: Remembering): ClientAddress {
    request[FOUND] ??= find(request)
    return request[FOUND]
  }

  function find(request: RequestView): ClientAddress {
    const { remoteAddress } = request
    // The system may name the interface of a link-local peer.
    const peer = remoteAddress === undefined ? null : parseAddress(remoteAddress.replace(/%.*$/, ''))
    if (peer === null && remoteAddress !== undefined) return found(null)
    if (peer !== null && isIn(edges, peer)) return throughCloudflare(request, peer)
    if (peer === null ? !dangerouslyTrustUnknownPeer : !isIn(trusted, peer)) return found(peer)
    const value = request.header(header)
    let last = peer
    for (const hop of value === undefined ? [] : hopsOf(header, value)) {
      if (hop === null) return malformed(header, last)
      if (isIn(edges, hop)) return throughCloudflare(request, hop)
      if (!isIn(trusted, hop)) return found(hop)
      last = hop
    }
    return found(last, { internal: last !== null })
  }

  /** `CF-Connecting-IP` holds one address, or cannot be believed (CIP-07). */
  function throughCloudflare(request: RequestView, edge: Address): ClientAddress {
    const visitor = parseAddress(request.header('cf-connecting-ip') ?? '')
    return visitor === null ? malformed('cf-connecting-ip', edge, true) : found(visitor, { cloudflare: true })
  }

  function malformed(name: string, hop: Address | null, cloudflare = false): ClientAddress {
    emit({ type: 'ip.malformed', header: name })
    return found(hop, { malformed: true, cloudflare })
  }

  const insecureOptions = dangerouslyTrustUnknownPeer ? [TRUSTS_UNKNOWN_PEER] : []
  return Object.assign((request: RequestView) => explain(request).address, {
    explain,
    insecureOptions,
    attach,
  })
}

const TRUSTS_UNKNOWN_PEER = {
  option: 'clientAddress.dangerouslyTrustUnknownPeer',
  message:
    'A client that reaches this server without a proxy can claim any address. Make sure that only the proxy can reach it.',
}

const found = (address: Address | null, more: Partial<ClientAddress> = {}): ClientAddress => ({
  address: address && textOf(address),
  internal: false,
  malformed: false,
  cloudflare: false,
  ...more,
})
