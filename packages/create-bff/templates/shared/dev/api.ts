import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Starts a stand-in for your API: it answers with what the BFF sent it, without the token itself. It checks no token, so it is
 * for your machine only. Port 0 takes a free one.
 */
export async function startApi(port: number) {
  const server = createServer((request, response) => {
    const [scheme = 'none'] = (request.headers.authorization ?? 'none').split(' ')
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ path: request.url, token: scheme, cookie: request.headers.cookie !== undefined }),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: bound } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { origin: `http://localhost:${bound}`, close }
}
