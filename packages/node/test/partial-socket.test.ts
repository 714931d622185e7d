import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { expect, it } from 'vitest'
import { NodeRequestView } from '../src/index.ts'
import { deliverReply } from '../src/write-reply.ts'

const CSRF = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

function bffOver() {
  return createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    proxy: apiProxy({
      routes: [{ path: '/api', target: 'https://api.example.com', token: 'none' }],
      upstream: {
        send: async ({ body }) => ({
          status: 200,
          headers: [['content-type', 'text/plain']],
          body: (async function* () {
            if (body instanceof Uint8Array) yield body
            else if (body !== null) yield* body
            yield Buffer.from('one ')
            yield Buffer.from('two')
          })(),
        }),
        close: async () => {},
      },
    }),
  })
}

/**
 * A request and response as a host makes them of an event, without a socket (`serverless-express.test.ts` has one with a few
 * fields of it): the response knows of its request only the method, and its socket collects what is written, emits nothing and
 * says no word of pressure.
 */
function exchange(method: string, url: string, headers: Record<string, string>, body: string) {
  const req = Object.assign(new IncomingMessage(new Socket()), { method, url, complete: true })
  Object.assign(req.headers, headers, body !== '' && { 'content-length': String(body.length) })
  Object.defineProperty(req, 'socket', { value: undefined })
  req._read = () => {
    if (body !== '') req.push(Buffer.from(body))
    req.push(null)
  }
  const res = new ServerResponse(Object.assign(new IncomingMessage(new Socket()), { method }))
  Object.defineProperty(res, 'req', { value: { method } })
  const written: string[] = []
  Reflect.apply(res.assignSocket, res, [
    {
      _writableState: {},
      writable: true,
      on() {},
      removeListener() {},
      destroy() {},
      cork() {},
      uncork() {},
      write(data: string | Uint8Array, encoding: unknown, done: unknown) {
        written.push(Buffer.from(data).toString())
        if (typeof encoding === 'function') encoding()
        else if (typeof done === 'function') done()
      },
    },
  ])
  return { req, res, written }
}

it('answers, and proxies bodies both ways, where a request has no socket', async () => {
  const bff = bffOver()
  const session = exchange('GET', '/bff/session', CSRF, '')
  const view = new NodeRequestView(session.req, session.res)
  expect(view.remoteAddress).toBeUndefined()
  await deliverReply(bff, bff.handle(view) ?? bff.errorReply(new Error('none')), session.res)
  expect(session.written.join('')).toMatch(/^HTTP\/1\.1 200 OK[\s\S]+"authenticated":false/)

  const proxied = exchange('POST', '/api/orders', CSRF, 'zero ')
  const asked = new NodeRequestView(proxied.req, proxied.res)
  await deliverReply(bff, bff.handle(asked) ?? bff.errorReply(new Error('none')), proxied.res)
  expect(proxied.written.join('').replaceAll(/\r\n[0-9a-f]+\r\n/g, '')).toMatch(/zero one two/)
})
