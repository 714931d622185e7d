import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServedBff } from '@bff/core'
import type { ServedApp } from '@bff/http-testkit'
import { relayWebSockets } from '@bff/node'
import type express5 from 'express'
import type { Express } from 'express'
import { expressBff } from '../src/index.ts'

/** An app with the routes that the laws ask for. */
export async function serve(
  express: typeof express5,
  bff: ServedBff,
  serverOf: (app: Express) => Server = createServer,
): Promise<ServedApp> {
  const { handler, requireSession, optionalSession, sessionOf, getSession, errorHandler } = expressBff(bff)
  const app = express()
  const text = express.text({ type: () => true })
  app.use('/mounted', handler)
  app.use('/parsed', text)
  app.use(handler)
  app.all('/app/echo', text, ({ method, originalUrl: target, body }, res) => {
    res.json({ method, target, body: typeof body === 'string' ? body : '' })
  })
  app.all('/app/guarded', requireSession(), text, (req, res) => {
    res.json({ user: sessionOf(req).userId, body: typeof req.body === 'string' ? req.body : '' })
  })
  app.get('/app/optional', optionalSession(), (req, res) => {
    res.json({ user: getSession(req)?.userId ?? null })
  })
  app.use(errorHandler)
  const server = serverOf(app)
  relayWebSockets(server, bff)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
