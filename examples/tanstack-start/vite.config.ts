import { tanstackStart } from '@tanstack/react-start/plugin/vite'
import viteReact from '@vitejs/plugin-react'
import { nitro } from 'nitro/vite'
import { defineConfig } from 'vite'

/** The packages of this workspace from their source; an app that installed them needs none of this. */
const fromSource = {
  resolve: { conditions: ['@bff/source', 'module', 'node', 'production'], noExternal: [/^@bff\//] },
}

export default defineConfig({
  // The BFF checks form posts; TanStack Start's own check asks the `Host` of the request.
  plugins: [nitro(), tanstackStart({ serverFns: { disableCsrfMiddlewareWarning: true } }), viteReact()],
  environments: { ssr: fromSource, nitro: fromSource },
})
