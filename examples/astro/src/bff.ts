import { astroBff } from '@bff/astro'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'

export const { bff, onRequest, requireSession, withSession } = astroBff(() => {
  const {
    PORT = '3000',
    ISSUER = 'http://localhost:3001',
    OIDC_CLIENT_ID = 'demo',
    OIDC_CLIENT_SECRET = 'demo-secret-for-this-machine-only',
    API_ORIGIN = 'http://localhost:3002',
    // One of your own (openssl rand -base64 32) keeps sessions readable across restarts, once the store keeps them too.
    BFF_ENCRYPTION_KEY = generateEncryptionKey(),
  } = process.env
  return createBff({
    origin: `http://localhost:${PORT}`,
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
})

process.once('SIGTERM', async () => {
  await (await bff()).close()
  process.exit()
})
