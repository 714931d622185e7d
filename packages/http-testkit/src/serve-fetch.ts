import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isOriginForm } from '@bff/core/authoring'
import type { FetchHandler } from './fetch-handler.ts'
import type { ServedApp } from './served-app.ts'

/**
 * Serves a fetch handler on a free loopback port: a minimal server between `node:http` and `Request`/`Response`, for
 * adapters whose own server starts too slowly for a test.
 *
 * It streams in both directions as fast as the slower side, aborts `request.signal` when the client disconnects, closes the
 * connection when the body of a response fails, and answers 400 to targets that are not in origin-form.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { serveFetch } from '@bff/http-testkit'
 *
 * export const serve = (bff: Bff) => serveFetch((request) => bff.fetch(request))
 * ```
 */
export async function serveFetch(handler: FetchHandler): Promise<ServedApp> {
  const server = createServer((req, res) => {
    answer(handler, req, res).catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(handler: FetchHandler, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const request = requestOf(req, res)
  if (request === null) {
    res.writeHead(400).end()
    return
  }
  // What nobody reads would keep the connection from its next request.
  res.once('finish', () => {
    if (request.body !== null && !request.bodyUsed) request.body.pipeTo(new WritableStream()).catch(() => {})
  })
  const response = await handler(request)
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  res.writeHead(response.status)
  if (response.body === null) {
    res.end()
    return
  }
  res.flushHeaders()
  await pipeline(Readable.from(response.body), res)
}

/** `null` for a target that could be read as something else than a path, and for no host. */
function requestOf(req: IncomingMessage, res: ServerResponse): Request | null {
  const { method = 'GET', url: target = '' } = req
  const url = `http://${req.headers.host ?? 'localhost'}${target}`
  if (!isOriginForm(target) || !URL.canParse(url)) return null
  const controller = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) controller.abort()
  })
  const headers = new Headers()
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2)
    headers.append(String(req.rawHeaders[at]), String(req.rawHeaders[at + 1]))
  const bodyless = method === 'GET' || method === 'HEAD'
  return new Request(url, {
    method,
    headers,
    signal: controller.signal,
    ...(!bodyless && { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' as const }),
  })
}
