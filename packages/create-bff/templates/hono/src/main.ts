import { honoBff } from '@bff/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { makeBff } from './bff.ts'
import { pageFor } from './page.ts'

const { HOST = 'localhost', PORT = '3000' } = process.env
const bff = makeBff()
const { handler, optionalSession, errorHandler } = honoBff(bff)

const app = new Hono()
app.use(handler)
app.get('/', optionalSession(), async (c) => c.html(await pageFor(c.var.session)))
app.onError(errorHandler)

const { fetch } = app
const server = serve({ fetch, port: Number(PORT), hostname: HOST }, () =>
  console.log(`http://localhost:${PORT}`),
)
process.once('SIGTERM', () => server.close(() => void bff.close()))
