import { fileURLToPath } from 'node:url'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import express from 'express'

const {
  PORT = '3000',
  ISSUER = 'http://localhost:3001',
  OIDC_CLIENT_ID = 'demo',
  OIDC_CLIENT_SECRET = 'demo-secret-for-this-machine-only',
  API_ORIGIN = 'http://localhost:3002',
  // One of your own (openssl rand -base64 32) keeps sessions readable across restarts, once the store keeps them too.
  BFF_ENCRYPTION_KEY = generateEncryptionKey(),
} = process.env
const origin = `http://localhost:${PORT}`

const bff = createBff({
  origin,
  store: memoryStore(),
  encryptionKeys: [BFF_ENCRYPTION_KEY],
  provider: oidc({
    issuer: ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    scope: 'openid profile offline_access orders',
    dpop: true,
  }),
  proxy: apiProxy({ routes: [{ path: '/api', target: API_ORIGIN }], upstream: undiciUpstream() }),
})

const { handler, requireSession, sessionOf, errorHandler } = expressBff(bff)
const page = fileURLToPath(new URL('../../page.html', import.meta.url))

const app = express()
app.use(handler)
app.get('/', (_req, res) => res.sendFile(page))
app.get('/profile', requireSession(), (req, res) => {
  res.json({ user: sessionOf(req).userId })
})
app.use(errorHandler)

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(origin))
process.once('SIGTERM', () => server.close(() => void bff.close()))
