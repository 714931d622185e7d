import { fromSource } from '../../tools/next-build.mjs'

/** @type {import('next').NextConfig} */
export default {
  // No `cacheComponents`: the frame of a page made ahead of requests could not have the nonce of its Content Security Policy.
  // The packages of this workspace from their source; an app that installed them needs none of this.
  turbopack: fromSource(import.meta.dirname),
  // `pnpm check` has its own step for types.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  // The API's paths reach it as they came.
  skipTrailingSlashRedirect: true,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'cross-origin-opener-policy', value: 'same-origin' },
        // Not `no-referrer`: with it a form that works without scripts says that its origin is `null`.
        { key: 'referrer-policy', value: 'same-origin' },
        { key: 'x-content-type-options', value: 'nosniff' },
      ],
    },
  ],
}
