/**
 * `@bff/core/client-address`: the client's address of a request, behind proxies that you trust.
 *
 * @module
 */

export {
  type ClientAddress,
  type ClientAddressOptions,
  type ClientAddressReader,
  clientAddress,
} from './client-address.ts'
export { type CloudflareMetadata, cloudflareMetadata, keepCloudflareMetadata } from './cloudflare-metadata.ts'
export { CLOUDFLARE_RANGES } from './cloudflare-ranges.ts'
