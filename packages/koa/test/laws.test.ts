import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay, type ServedApp } from '@bff/http-testkit'
import { relayWebSockets, undiciUpstream } from '@bff/node'
import Koa, { type Middleware } from 'koa'
import { test } from 'vitest'
import { koaBff } from '../src/index.ts'

/** What `koa-mount` does: the path without the prefix for what is mounted, and as it was for what follows. */
function mounted(prefix: string, inner: Middleware): Middleware {
  return async (ctx, next) => {
    const { url, path } = ctx
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return next()
    ctx.url = url.slice(prefix.length) || '/'
    await inner(ctx, async () => {
      ctx.url = url
      await next()
    })
  }
}

const at =
  (path: string, answer: Middleware): Middleware =>
  (ctx, next) =>
    ctx.path === path ? answer(ctx, next) : next()

async function serve(bff: ServedBff): Promise<ServedApp> {
  const { handler, requireSession, optionalSession, sessionOf, getSession } = koaBff(bff)
  const app = new Koa()
  app.silent = true
  app.use(async (ctx, next) => {
    if (ctx.path.startsWith('/parsed')) await text(ctx.req)
    await next()
  })
  app.use(mounted('/mounted', handler))
  app.use(handler)
  app.use(
    at('/app/echo', async (ctx) => {
      ctx.body = { method: ctx.method, target: ctx.originalUrl, body: await text(ctx.req) }
    }),
  )
  const guarded = requireSession()
  app.use(
    at('/app/guarded', (ctx) =>
      guarded(ctx, async () => {
        ctx.body = { user: sessionOf(ctx).userId, body: await text(ctx.req) }
      }),
    ),
  )
  const optional = optionalSession()
  app.use(
    at('/app/optional', (ctx) =>
      optional(ctx, async () => {
        ctx.body = { user: getSession(ctx)?.userId ?? null }
      }),
    ),
  )
  const server = createServer(app.callback())
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

const options = { name: 'Koa', test, serve, upstream: undiciUpstream }
describeHttpAdapter(options)
describeWebSocketRelay(options)
