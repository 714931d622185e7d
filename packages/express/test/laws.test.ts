import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay, type ServedApp } from '@bff/http-testkit'
import { relayWebSockets, undiciUpstream } from '@bff/node'
import express5, { type Express } from 'express'
import express4 from 'express4'
import { test } from 'vitest'
import { expressBff } from '../src/index.ts'

/** As the README says how to make the requests of an app cheaper. */
function serverWithOwnClasses(app: Express): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return createServer({ IncomingMessage: AppRequest, ServerResponse: AppResponse }, app as RequestListener)
}

async function serve(
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

const options = {
  name: 'Express 5',
  test,
  upstream: undiciUpstream,
  serve: (bff: ServedBff) => serve(express5, bff),
}
describeHttpAdapter(options)
describeWebSocketRelay(options)
describeHttpAdapter({ ...options, name: 'Express 4', serve: (bff) => serve(express4, bff) })
describeHttpAdapter({
  ...options,
  name: 'Express 5 with classes of its own',
  serve: (bff) => serve(express5, bff, serverWithOwnClasses),
})
