import { fromSource } from '../../tools/next-build.mjs'

/** @type {import('next').NextConfig} */
export default {
  // What `create-next-app` writes today.
  cacheComponents: true,
  partialPrefetching: true,
  // The packages of this workspace from their source; an app that installed them needs none of this.
  turbopack: fromSource(import.meta.dirname),
  // `pnpm check` has its own step for types.
  typescript: { ignoreBuildErrors: true },
  // The API's paths reach it as they came.
  skipTrailingSlashRedirect: true,
}
