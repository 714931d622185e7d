import { fromSource } from '../../../../tools/next-build.mjs'

/** @type {import('next').NextConfig} */
export default {
  // The packages of this workspace from their source; an app that installed them needs none of this.
  turbopack: fromSource(import.meta.dirname),
  // `pnpm check` has its own step for types.
  typescript: { ignoreBuildErrors: true },
}
