import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [sveltekit()],
  // The packages of this workspace from their source; an app that installed them needs none of this.
  ssr: { resolve: { conditions: ['@bff/source'] }, noExternal: [/^@bff\//] },
})
