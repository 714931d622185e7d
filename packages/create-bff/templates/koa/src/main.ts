import { koaBff } from '@bff/koa'
import Koa from 'koa'
import { makeBff } from './bff.ts'
import { pageFor } from './page.ts'

const { HOST = 'localhost', PORT = '3000' } = process.env
const bff = makeBff()
const { handler, optionalSession, getSession } = koaBff(bff)

const app = new Koa()
app.use(handler)
app.use(optionalSession())
app.use(async (ctx) => {
  if (ctx.path !== '/') return
  ctx.type = 'html'
  ctx.body = await pageFor(getSession(ctx))
})

const server = app.listen(Number(PORT), HOST, () => console.log(`http://localhost:${PORT}`))
process.once('SIGTERM', () => server.close(() => void bff.close()))
