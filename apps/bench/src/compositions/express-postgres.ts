import { createServer } from 'node:http'
import { createBff } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { postgresStore } from '@bff/store-drizzle/postgres'
import express from 'express'
import { APP, ISSUER, listen } from './app.ts'

const bff = createBff({
  ...APP,
  store: postgresStore({ url: 'postgres://127.0.0.1/app' }),
  provider: oidc(ISSUER),
  proxy: apiProxy({
    routes: [{ path: '/api', target: 'https://api.example.com' }],
    upstream: undiciUpstream(),
  }),
})
const { handler, requireSession, sessionOf } = expressBff(bff)
const app = express()
app.use(handler)
app.get('/orders', requireSession(), (req, res) => void res.json({ user: sessionOf(req).userId }))
listen(createServer(app))
