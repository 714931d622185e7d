import node from '@astrojs/node'
import { defineConfig } from 'astro/config'

/** The packages of this workspace from their source; an app that installed them needs none of this. */
const fromSource = {
  resolve: { conditions: ['@bff/source', 'module', 'node', 'production'], noExternal: [/^@bff\//] },
}

export default defineConfig({
  output: 'server',
  server: { port: 3000 },
  adapter: node({ mode: 'standalone' }),
  // The BFF makes this check: Astro's own refuses the provider's back-channel logout.
  security: { checkOrigin: false },
  vite: { environments: { ssr: fromSource, prerender: fromSource } },
})
