import { createServer } from 'node:http'
import { createBff } from '@bff/core'
import { honoBff } from '@bff/hono'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { APP, ISSUER, listen } from './app.ts'

const bff = createBff({ ...APP, store: memoryStore(), provider: oidc(ISSUER) })
const { handler, requireSession, errorHandler } = honoBff(bff)
const app = new Hono()
app.use(handler)
app.get('/orders', requireSession(), (c) => c.json({ user: c.var.session.userId }))
app.onError(errorHandler)
listen(createServer(getRequestListener(app.fetch)))
