import type { NewSession } from '../contracts/new-session.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ClientAddressReader } from './client-address.ts'

const HEADERS = {
  cf_ray: ['cf-ray', /^[\w-]{1,64}$/],
  cf_country: ['cf-ipcountry', /^[A-Z\d]{2}$/],
  cf_visitor: ['cf-visitor', /^[\x20-\x7e]{1,128}$/],
  cf_bot_score: ['cf-bot-score', /^\d{1,3}$/],
} as const

/** Cloudflare's data about a request. */
export type CloudflareMetadata = { readonly [K in keyof typeof HEADERS]?: string }

/**
 * Returns Cloudflare's data about a request: those of `cf_ray`, `cf_country`, `cf_visitor` and `cf_bot_score` that are
 * present and well-formed. Returns an empty object for a request that did not come through Cloudflare, regardless of its
 * headers.
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
 * Makes a hook that adds {@link cloudflareMetadata} to the metadata of each new session.
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
