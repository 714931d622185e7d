import type { ServedBff } from '@bff/core'
import { Hono } from 'hono'
import { honoBff } from '../src/index.ts'

/** The routes the laws ask for, on Hono. */
export function appOf(bff: ServedBff): Hono {
  const { handler, requireSession, optionalSession, errorHandler } = honoBff(bff)
  const app = new Hono()
  app.use('/parsed/*', async (c, next) => {
    await c.req.raw.text()
    await next()
  })
  app.use(handler)
  app.on(['GET', 'POST'], '/app/echo', async (c) => {
    const { pathname, search } = new URL(c.req.url)
    return c.json({ method: c.req.method, target: pathname + search, body: await c.req.text() })
  })
  app.on(['GET', 'POST'], '/app/guarded', requireSession(), async (c) =>
    c.json({ user: c.var.session.userId, body: await c.req.text() }),
  )
  app.get('/app/optional', optionalSession(), (c) => c.json({ user: c.var.session?.userId ?? null }))
  app.onError(errorHandler)
  return app
}

/** The same for a runtime that serves `fetch` itself. */
export const fetchApp = (bff: ServedBff, request: Request) => appOf(bff).fetch(request)
