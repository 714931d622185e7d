import { readFile } from 'node:fs/promises'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { honoBff } from '@bff/hono'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

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
  proxy: apiProxy({ routes: [{ path: '/api', target: API_ORIGIN }] }),
})

const { handler, requireSession, errorHandler } = honoBff(bff)
const page = await readFile(new URL('../../page.html', import.meta.url), 'utf8')

const app = new Hono()
app.use(handler)
app.get('/', (c) => c.html(page))
app.get('/profile', requireSession(), (c) => c.json({ user: c.var.session.userId }))
app.onError(errorHandler)

const { fetch } = app
const server = serve({ fetch, port: Number(PORT), hostname: '127.0.0.1' }, () => console.log(origin))
process.once('SIGTERM', () => server.close(() => void bff.close()))
