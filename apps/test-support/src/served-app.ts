import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type FetchHandler, type ServedApp, serveFetch } from '@bff/http-testkit'

export type { ServedApp }

/** Serves a listener of `node:http` on a free port of 127.0.0.1. */
export async function serveListener(listener: RequestListener): Promise<ServedApp> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Serves a fetch handler, and the files below `/assets/` of a production build's folder for browsers. */
export function serveWithAssets(handler: FetchHandler, folder: string): Promise<ServedApp> {
  return serveFetch(async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/assets/')) return handler(request)
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'application/octet-stream'
    return new Response(await readFile(join(folder, pathname)), { headers: { 'content-type': type } })
  })
}
