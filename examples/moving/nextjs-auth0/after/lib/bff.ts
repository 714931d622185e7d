// lib/bff.ts
import { createBff } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { nextBff } from '@bff/next'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'

const { ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
const { AUDIENCE = '', API = '', REDIS_URL = '', BFF_ENCRYPTION_KEY = '' } = process.env

export const { handlers, getSession, requireSession, withSession } = nextBff(() =>
  createBff({
    origin: ORIGIN,
    store: redisStore({ url: REDIS_URL }),
    encryptionKeys: [BFF_ENCRYPTION_KEY],
    provider: oidc({
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scope: 'openid profile offline_access orders',
      audience: AUDIENCE,
    }),
    proxy: apiProxy({ routes: [{ path: '/orders', target: `${API}/orders` }] }),
  }),
)
