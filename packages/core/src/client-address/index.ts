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
export {
  CLOUDFLARE_RANGES,
  type CloudflareMetadata,
  cloudflareMetadata,
  keepCloudflareMetadata,
} from './cloudflare.ts'
