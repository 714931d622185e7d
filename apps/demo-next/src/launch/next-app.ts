import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../..', import.meta.url))

/** Its types promise an ES module; what loads is a CommonJS one. */
const next: typeof import('next').default = createRequire(import.meta.url)('next')

/** What `.env.example` describes. */
export type AppEnvironment = Readonly<Record<string, string>>

export interface NextApp {
  /** `http://localhost:<port>`, or the same with https. */
  readonly origin: string
  /** Stops listening and ends every connection. */
  close(): Promise<void>
}

/**
 * Serves the production build of this app in this process, as `next start` does in one of its own.
 *
 * @param tls key and certificate as PEM, for https
 */
export async function startNextApp(
  port: number,
  environment: AppEnvironment,
  tls?: { readonly key: string; readonly cert: string },
): Promise<NextApp> {
  Object.assign(process.env, environment)
  const app = next({ dev: false, dir: FOLDER, hostname: 'localhost', port, quiet: true })
  await app.prepare()
  const handle = app.getRequestHandler()
  const answer: RequestListener = (req, res) => void handle(req, res)
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      // Open event streams would keep it from closing.
      server.closeAllConnections()
      await closed
      await app.close()
    },
  }
}
