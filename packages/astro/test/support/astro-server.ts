import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Bff } from '@bff/core'
import { useBff } from '@bff/test-support/bff-under-test'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))

export interface AstroServer {
  readonly origin: string
  /** From now on the fixture's BFF is this one. */
  use(bff: Bff | undefined): void
  close(): Promise<void>
}

/** The production build of the fixture by Astro's Node adapter, with the standalone server's handler, in this process. */
export async function astroServer(): Promise<AstroServer> {
  process.env['ASTRO_NODE_AUTOSTART'] = 'disabled'
  const entry: { handler: RequestListener } = await import(
    /* @vite-ignore */ pathToFileURL(`${FIXTURE}/dist/server/entry.mjs`).href
  )
  const server = createServer(entry.handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use: useBff,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
