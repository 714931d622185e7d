import {
  createServer,
  Agent as HttpAgent,
  IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http'
import { expressBff } from '@bff/express'
import { bffPlugin } from '@bff/fastify'
import httpProxy from '@fastify/http-proxy'
import express, { type Express } from 'express'
import fastify from 'fastify'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { Agent } from 'undici'
import { bffFor, cookieOf, type Measured } from './bff.ts'
import { ORDERS } from './serve.ts'

/** The API behind every relay. */
export function api(): Server {
  const orders = JSON.stringify(ORDERS)
  return createServer((req, res) => {
    const count = Number(/\?count=(\d+)/.exec(req.url ?? '')?.[1] ?? 0)
    const body = count === 0 ? orders : Buffer.alloc(count, 'x')
    const type = count === 0 ? 'application/json' : 'application/octet-stream'
    req.resume()
    req.once('end', () => {
      res.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
    })
  })
}

type Relay = (target: string) => Promise<Measured>

/** Servers that pass requests below `/api` on to an API, without the prefix. */
export const RELAYS: Readonly<Record<string, Relay>> = {
  async '@fastify/http-proxy'(target) {
    const app = fastify()
    await app.register(httpProxy, { upstream: target, prefix: '/api' })
    await app.ready()
    return { app: createServer(app.routing), cookie: '' }
  },

  async 'http-proxy-middleware'(target) {
    const app = express()
    const agent = new HttpAgent({ keepAlive: true })
    app.use('/api', createProxyMiddleware({ target, agent, changeOrigin: true }))
    return { app: createServer(app), cookie: '' }
  },

  async 'undici by hand'(origin) {
    const agent = new Agent()
    const app = fastify()
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _body, done) => done(null))
    app.all('/api/*', (request, reply) => {
      const { method, headers, url = '' } = request.raw
      reply.hijack()
      const body = method === 'GET' ? null : request.raw
      const sent = { accept: headers.accept ?? '*/*', authorization: `Bearer ${'a'.repeat(900)}` }
      const path = url.slice('/api'.length)
      agent
        .stream(
          { origin, path, method: method === 'GET' ? 'GET' : 'POST', headers: sent, body },
          (answer) => {
            reply.raw.writeHead(answer.statusCode, answer.headers)
            return reply.raw
          },
        )
        .catch(() => reply.raw.destroy())
    })
    await app.ready()
    return { app: createServer(app.routing), cookie: '' }
  },

  'bff fastify Bearer': (target) => onFastify(target, 'Bearer'),
  'bff fastify DPoP': (target) => onFastify(target, 'DPoP'),

  'bff express Bearer': (target) => onExpress(target, createServer),
  'bff express Bearer, own classes': (target) => onExpress(target, serverWithOwnClasses),
}

async function onExpress(target: string, serverOf: (app: Express) => Server): Promise<Measured> {
  const bff = bffFor({ target })
  const app = express()
  app.use(expressBff(bff).handler)
  return { app: serverOf(app), cookie: await cookieOf(bff) }
}

/** As the README of `@bff/express` says: the requests then have their prototypes from the beginning. */
function serverWithOwnClasses(app: Express): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return createServer({ IncomingMessage: AppRequest, ServerResponse: AppResponse }, app as RequestListener)
}

async function onFastify(target: string, kind: 'Bearer' | 'DPoP'): Promise<Measured> {
  const bff = bffFor({ target })
  const app = fastify()
  await app.register(bffPlugin, { bff })
  await app.ready()
  return { app: createServer(app.routing), cookie: await cookieOf(bff, kind) }
}
