import type { NewSession, RequestView } from '@bff/core'
import type { ClientAddressReader } from './client-address.ts'

/**
 * The networks Cloudflare connects from, as it publishes them on cloudflare.com/ips. Nothing is fetched at run time: when
 * that list has changed, update this package or give your own to `cloudflare` (CIP-07).
 */
export const CLOUDFLARE_RANGES = {
  /** The day the list was last compared. */
  asOf: '2026-02-11',
  ranges: [
    '173.245.48.0/20',
    '103.21.244.0/22',
    '103.22.200.0/22',
    '103.31.4.0/22',
    '141.101.64.0/18',
    '108.162.192.0/18',
    '190.93.240.0/20',
    '188.114.96.0/20',
    '197.234.240.0/22',
    '198.41.128.0/17',
    '162.158.0.0/15',
    '104.16.0.0/13',
    '104.24.0.0/14',
    '172.64.0.0/13',
    '131.0.72.0/22',
    '2400:cb00::/32',
    '2606:4700::/32',
    '2803:f800::/32',
    '2405:b500::/32',
    '2405:8100::/32',
    '2a06:98c0::/29',
    '2c0f:f248::/32',
  ],
} as const

const HEADERS = {
  cf_ray: ['cf-ray', /^[\w-]{1,64}$/],
  cf_country: ['cf-ipcountry', /^[A-Z\d]{2}$/],
  cf_visitor: ['cf-visitor', /^[\x20-\x7e]{1,128}$/],
  cf_bot_score: ['cf-bot-score', /^\d{1,3}$/],
} as const

/** What Cloudflare says about a visit. */
export type CloudflareMetadata = { readonly [K in keyof typeof HEADERS]?: string }

/**
 * What Cloudflare says about a request that came through it: `cf_ray`, `cf_country`, `cf_visitor` and `cf_bot_score`, as
 * far as they are there and well-formed (S1-33). Empty for a request that came another way, whatever it claims.
 */
export function cloudflareMetadata(address: ClientAddressReader, request: RequestView): CloudflareMetadata {
  if (!address.explain(request).cloudflare) return {}
  const found = Object.entries(HEADERS).flatMap(([name, [header, form]]) => {
    const value = request.header(header)
    return value !== undefined && form.test(value) ? [[name, value]] : []
  })
  return Object.fromEntries(found)
}

/**
 * A hook that keeps {@link cloudflareMetadata} in the metadata of each new session (S1-33).
 *
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { clientAddress, keepCloudflareMetadata } from '@bff/core/client-address'
 *
 * const address = clientAddress({ cloudflare: true })
 * export const behindCloudflare = (config: BffConfig) =>
 *   createBff({ ...config, clientAddress: address, hooks: { onCreateSession: keepCloudflareMetadata(address) } })
 * ```
 */
export function keepCloudflareMetadata(
  address: ClientAddressReader,
): (draft: NewSession, request: RequestView) => Partial<NewSession> {
  return (draft, request) => ({
    metadata: { ...draft.metadata, ...cloudflareMetadata(address, request) },
  })
}
