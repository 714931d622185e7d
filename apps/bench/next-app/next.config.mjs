import { fromSource } from '../../../tools/next-build.mjs'

/** @type {import('next').NextConfig} */
export default {
  turbopack: fromSource(import.meta.dirname),
  // `pnpm check` has its own step for types.
  typescript: { ignoreBuildErrors: true },
}
