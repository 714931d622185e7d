import type { AddressInfo } from 'node:net'
import { type Bff, BffError, webRequestView, webResponse } from '@bff/core'
import { isOriginForm } from '@bff/core/authoring'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { test, vi } from 'vitest'
import { describeHttpAdapter, type ServedApp } from '../src/index.ts'

// The server reports each answer that breaks off, as many laws make them do.
vi.spyOn(console, 'error').mockImplementation(() => {})

type Env = { Bindings: HttpBindings }

const viewOf = (c: Context<Env>) => webRequestView(c.req.raw, c.env.incoming.socket.remoteAddress)

/** The routes the laws ask for, on Hono. */
function appOf(bff: Bff): Hono<Env> {
  const app = new Hono<Env>()
  // The server makes a URL of whatever target it gets, so that nobody behind it sees which form that had.
  app.use((c, next) => {
    if (isOriginForm(c.env.incoming.url ?? '')) return next()
    throw new BffError('invalid_path')
  })
  app.use('/parsed/*', async (c, next) => {
    await c.req.raw.text()
    await next()
  })
  app.use(async (c, next) => {
    const reply = bff.handle(viewOf(c))
    if (reply === undefined) return next()
    return webResponse(await reply)
  })
  app.on(['GET', 'POST'], '/app/echo', async (c) => {
    const { pathname, search } = new URL(c.req.url)
    return c.json({ method: c.req.method, target: pathname + search, body: await c.req.text() })
  })
  app.on(['GET', 'POST'], '/app/guarded', async (c) => {
    const { userId } = await bff.requireSession(viewOf(c))
    return c.json({ user: userId, body: await c.req.text() })
  })
  app.get('/app/optional', async (c) => {
    const session = await bff.getSession(viewOf(c))
    return c.json({ user: session?.userId ?? null })
  })
  app.onError((error) => webResponse(bff.errorReply(error)))
  return app
}

async function serve(bff: Bff): Promise<ServedApp> {
  const { fetch } = appOf(bff)
  const server = createAdaptorServer({ fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describeHttpAdapter({ name: 'Hono', test, serve })
