import { fromSource } from '../../../../tools/next-build.mjs'

/**
 * What `create-next-app` writes today, below a `basePath` and with `trailingSlash`.
 *
 * @type {import('next').NextConfig}
 */
export default {
  cacheComponents: true,
  partialPrefetching: true,
  basePath: '/shop',
  trailingSlash: true,
  turbopack: fromSource(import.meta.dirname),
  // `pnpm check` has its own step for types.
  typescript: { ignoreBuildErrors: true },
}
