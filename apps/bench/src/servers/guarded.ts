import { createServer, type Server } from 'node:http'
import { type Bff, webRequestView, webResponse } from '@bff/core'
import { expressBff } from '@bff/express'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { deliverReply, NodeRequestView, nodeListener } from '@bff/node'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { Framework } from '../protocol.ts'
import { nextServer } from './next-app.ts'
import { ORDERS } from './serve.ts'

/** `GET /orders` on each framework: for anybody where `bff` is `null`, else for whoever is signed in. */
export const ROUTES: Record<Framework, (bff: Bff | null) => Promise<Server>> = {
  async fastify(bff) {
    const app = fastify()
    if (bff === null) app.get('/orders', () => ORDERS)
    else {
      const { requireSession, sessionOf } = fastifyBff(bff)
      await app.register(bffPlugin, { bff })
      app.get('/orders', { onRequest: requireSession() }, (request) => ({
        ...ORDERS,
        user: sessionOf(request).userId,
      }))
      app.get('/orders-with-token', { onRequest: requireSession() }, async (request) => {
        const tokens = await sessionOf(request).tokens()
        return { ...ORDERS, token: tokens?.accessToken.length }
      })
    }
    await app.ready()
    return createServer(app.routing)
  },

  async express(bff) {
    const app = express()
    if (bff === null) app.get('/orders', (_req, res) => void res.json(ORDERS))
    else {
      const { handler, requireSession, sessionOf } = expressBff(bff)
      app.use(handler)
      app.get(
        '/orders',
        requireSession(),
        (req, res) => void res.json({ ...ORDERS, user: sessionOf(req).userId }),
      )
    }
    return createServer(app)
  },

  next: nextServer,

  async hono(bff) {
    const app = new Hono()
    if (bff === null) app.get('/orders', (c) => c.json(ORDERS))
    else {
      app.use(async (c, next) => {
        const reply = bff.handle(webRequestView(c.req.raw))
        return reply === undefined ? next() : webResponse(await reply)
      })
      app.get('/orders', async (c) => {
        const { userId } = await bff.requireSession(webRequestView(c.req.raw))
        return c.json({ ...ORDERS, user: userId })
      })
    }
    return createServer(getRequestListener(app.fetch))
  },

  async http(bff) {
    if (bff === null)
      return createServer((_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ORDERS))
      })
    return createServer(
      nodeListener(bff, async (req, res) => {
        try {
          const { userId } = await bff.requireSession(new NodeRequestView(req, res))
          res
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ ...ORDERS, user: userId }))
        } catch (error) {
          await deliverReply(bff, bff.errorReply(error), res)
        }
      }),
    )
  },
}
