import { readFile } from 'node:fs/promises'
import { BffError, createBff, generateEncryptionKey, webRequestView, webResponse } from '@bff/core'
import { isOriginForm } from '@bff/core/authoring'
import { apiProxy } from '@bff/core/proxy'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { type HttpBindings, serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'

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

const page = await readFile(new URL('page.html', import.meta.url), 'utf8')

type Env = { Bindings: HttpBindings }
const viewOf = (c: Context<Env>) => webRequestView(c.req.raw, c.env.incoming.socket.remoteAddress)

const app = new Hono<Env>()
// The server makes a URL of whatever target it gets, so that nobody behind it sees which form that had.
app.use((c, next) => {
  if (isOriginForm(c.env.incoming.url ?? '')) return next()
  throw new BffError('invalid_path')
})
app.use(async (c, next) => {
  const reply = bff.handle(viewOf(c))
  return reply === undefined ? next() : webResponse(await reply)
})
app.get('/', (c) => c.html(page))
app.get('/profile', async (c) => {
  const { userId } = await bff.requireSession(viewOf(c))
  return c.json({ user: userId })
})
app.onError((error) => webResponse(bff.errorReply(error)))

const { fetch } = app
const server = serve({ fetch, port: Number(PORT), hostname: '127.0.0.1' }, () => console.log(origin))
process.once('SIGTERM', () => server.close(() => void bff.close()))
