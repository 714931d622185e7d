import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay } from '@bff/http-testkit'
import { test } from 'vitest'
import { deliverReply, NodeRequestView, nodeListener, relayWebSockets, undiciUpstream } from '../src/index.ts'

/** The routes the laws ask for, on plain `node:http`. */
function appAround(bff: ServedBff): RequestListener {
  return async (req, res) => {
    const [path] = (req.url ?? '').split('?')
    const view = new NodeRequestView(req, res)
    const answer = (body: unknown) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    try {
      if (path === '/app/echo') answer({ method: req.method, target: req.url, body: await text(req) })
      else if (path === '/app/guarded') {
        const { userId } = await bff.requireSession(view)
        answer({ user: userId, body: await text(req) })
      } else if (path === '/app/optional') answer({ user: (await bff.getSession(view))?.userId ?? null })
      else res.writeHead(404).end()
    } catch (error) {
      await deliverReply(bff, bff.errorReply(error), res)
    }
  }
}

async function serve(bff: ServedBff) {
  const listener = nodeListener(bff, appAround(bff))
  const server = createServer(async (req, res) => {
    if (req.url?.startsWith('/parsed')) await text(req)
    listener(req, res)
  })
  relayWebSockets(server, bff)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

const options = { name: 'node:http', test, serve, upstream: undiciUpstream }
describeHttpAdapter(options)
describeWebSocketRelay(options)
