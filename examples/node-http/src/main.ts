import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { deliverReply, NodeRequestView, nodeListener, undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'

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

const page = await readFile(new URL('../../page.html', import.meta.url))

const app = nodeListener(bff, async (req, res) => {
  if (req.url === '/') {
    res.writeHead(200, { 'content-type': 'text/html' }).end(page)
  } else if (req.url === '/profile') {
    try {
      const { userId } = await bff.requireSession(new NodeRequestView(req, res))
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ user: userId }))
    } catch (error) {
      await deliverReply(bff, bff.errorReply(error), res)
    }
  } else {
    res.writeHead(404).end()
  }
})

const server = createServer(app).listen(Number(PORT), '127.0.0.1', () => console.log(origin))
process.once('SIGTERM', () => server.close(() => void bff.close()))
