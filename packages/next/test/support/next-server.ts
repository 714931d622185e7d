import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { ServedBff } from '@bff/core'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))
/** A new app of today: `cacheComponents`, below a `basePath`, with `trailingSlash`. */
export const NEW_APP = fileURLToPath(new URL('../new-app', import.meta.url))

/** Its types promise an ES module; what loads is a CommonJS one. */
const next: typeof import('next').default = createRequire(import.meta.url)('next')
const place = globalThis as { bffUnderTest?: ServedBff }

/** What a start may take on a busy machine, in milliseconds. */
export const START_MS = 180_000

export interface NextServer {
  readonly origin: string
  /** From now on the fixture's BFF is this one. */
  use(bff: ServedBff): void
  close(): Promise<void>
}

/** The production build of a fixture, served by Next in this process. */
export async function nextServer(dir = FIXTURE): Promise<NextServer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  const app = next({ dev: false, dir, hostname: '127.0.0.1', port, quiet: true })
  await app.prepare()
  const handle = app.getRequestHandler()
  server.on('request', (req, res) => void handle(req, res))
  return {
    origin: `http://127.0.0.1:${port}`,
    use: (bff) => {
      place.bffUnderTest = bff
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await app.close()
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  return address.port
}
