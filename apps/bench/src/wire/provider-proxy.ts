import { createServer, request as requestHttp } from 'node:http'
import { portOf } from './counting-proxy.ts'

/** A proxy before the provider. */
export interface ProviderProxy {
  readonly origin: string
  /** Requests to the token endpoint so far. */
  readonly tokenCalls: number
  stop(): Promise<void>
}

/** Passes requests on to the provider at `issuer`, and counts those to its token endpoint. */
export async function countTokenCalls(issuer: string): Promise<ProviderProxy> {
  const { hostname, port } = new URL(issuer)
  let tokenCalls = 0
  const server = createServer((req, res) => {
    if (req.method === 'POST' && req.url === '/token') tokenCalls += 1
    const { method, url: path, headers } = req
    const passed = requestHttp({ hostname, port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  })
  const origin = `http://127.0.0.1:${await portOf(server)}`
  return {
    origin,
    get tokenCalls() {
      return tokenCalls
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
