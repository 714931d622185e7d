import { createServer } from 'node:http'
import cookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { RedisStore } from 'connect-redis'
import express from 'express'
import expressSession from 'express-session'
import fastify from 'fastify'
import { getIronSession } from 'iron-session'
import { createClient } from 'redis'
import type { Peer } from './bff.ts'
import { ORDERS } from './serve.ts'
import { USER } from './user.ts'

const SECRET = 's'.repeat(40)
const IRON = { password: SECRET, cookieName: 'iron', cookieOptions: { secure: false } }

declare module 'express-session' {
  interface SessionData {
    user?: typeof USER
  }
}
declare module 'fastify' {
  interface Session {
    user?: typeof USER
  }
}

interface IronData {
  user?: typeof USER
}

async function connectRedis(url = '') {
  return new RedisStore({ client: await createClient({ url }).connect() })
}

/** Servers with a published package for sessions alone. */
export const SESSION_PACKAGES: Readonly<Record<string, Peer>> = {
  async '@fastify/session, Redis'({ redis }) {
    const app = fastify()
    await app.register(cookie)
    await app.register(fastifySession, {
      secret: SECRET,
      cookie: { secure: false },
      saveUninitialized: false,
      store: await connectRedis(redis),
    })
    app.get('/sign-in', (request) => {
      request.session.user = USER
      return 'signed in'
    })
    app.get('/orders', (request, reply) => {
      const { user } = request.session
      return user === undefined ? reply.code(401).send() : { ...ORDERS, user: user.userId }
    })
    await app.ready()
    return { app: createServer(app.routing), cookie: null }
  },

  async 'express-session, Redis'({ redis }) {
    const app = express()
    app.use(
      expressSession({
        secret: SECRET,
        resave: false,
        saveUninitialized: false,
        store: await connectRedis(redis),
      }),
    )
    app.get('/sign-in', (req, res) => {
      req.session.user = USER
      res.send('signed in')
    })
    app.get('/orders', (req, res) => {
      const { user } = req.session
      if (user === undefined) res.status(401).end()
      else res.json({ ...ORDERS, user: user.userId })
    })
    return { app: createServer(app), cookie: null }
  },

  async 'iron-session on fastify'() {
    const app = fastify()
    app.get('/sign-in', async (request, reply) => {
      reply.hijack()
      const session = await getIronSession<IronData>(request.raw, reply.raw, IRON)
      session.user = USER
      await session.save()
      reply.raw.end('signed in')
    })
    app.get('/orders', async (request, reply) => {
      const { user } = await getIronSession<IronData>(request.raw, reply.raw, IRON)
      return user === undefined ? reply.code(401).send() : { ...ORDERS, user: user.userId }
    })
    await app.ready()
    return { app: createServer(app.routing), cookie: null }
  },

  async 'iron-session on express'() {
    const app = express()
    app.get('/sign-in', async (req, res) => {
      const session = await getIronSession<IronData>(req, res, IRON)
      session.user = USER
      await session.save()
      res.end('signed in')
    })
    app.get('/orders', async (req, res) => {
      const { user } = await getIronSession<IronData>(req, res, IRON)
      if (user === undefined) res.status(401).end()
      else res.json({ ...ORDERS, user: user.userId })
    })
    return { app: createServer(app), cookie: null }
  },
}
