import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Bff } from '@bff/core'
import { useBff } from '@bff/test-support/bff-under-test'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))

export interface SvelteKitServer {
  readonly origin: string
  /** From now on the fixture's BFF is this one. */
  use(bff: Bff | undefined): void
  close(): Promise<void>
}

/**
 * The production build of the fixture by adapter-node, served in this process.
 *
 * @param contentType of bodies that come without one: SvelteKit drops those
 */
export async function svelteKitServer({
  contentType,
}: {
  contentType?: string
} = {}): Promise<SvelteKitServer> {
  process.env['BODY_SIZE_LIMIT'] = 'Infinity'
  process.env['PROTOCOL_HEADER'] = 'x-forwarded-proto'
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(`${FIXTURE}/build/handler.js`).href)
  const server = createServer((req, res) => {
    req.headers['x-forwarded-proto'] = 'http'
    if (contentType !== undefined) req.headers['content-type'] ??= contentType
    handler(req, res, () => res.writeHead(404).end())
  })
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
