import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Bff } from '@bff/core'
import { useBff } from '@bff/test-support/bff-under-test'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))

export interface NuxtServer {
  readonly origin: string
  /** From now on the fixture's BFF is this one. */
  use(bff: Bff | undefined): void
  close(): Promise<void>
}

/** The production build of the fixture, by Nitro's preset for Node listeners, in this process. */
export async function nuxtServer(): Promise<NuxtServer> {
  const { listener }: { listener: RequestListener } = await import(
    /* @vite-ignore */ pathToFileURL(`${FIXTURE}/.output/server/index.mjs`).href
  )
  const server = createServer(listener)
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
