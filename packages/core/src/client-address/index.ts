/**
 * `@bff/core/client-address`: the address a request comes from, behind proxies you name.
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
