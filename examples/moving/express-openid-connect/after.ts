import { createBff } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import express from 'express'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', API = '' } = process.env
const { REDIS_URL = '', BFF_ENCRYPTION_KEY = '' } = process.env

const bff = createBff({
  origin: ORIGIN,
  store: redisStore({ url: REDIS_URL }),
  encryptionKeys: [BFF_ENCRYPTION_KEY],
  provider: oidc({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: 'openid profile offline_access orders',
  }),
  proxy: apiProxy({
    routes: [{ path: '/orders', target: `${API}/orders` }],
    upstream: undiciUpstream(),
  }),
})
const { handler, requireSession, sessionOf, errorHandler } = expressBff(bff)

const app = express()
app.use(handler)
app.get('/profile', requireSession(), async (req, res) => {
  const { claims } = await sessionOf(req).identity()
  res.json({ name: claims['name'] })
})
app.use(errorHandler)
app.listen(PORT, () => console.log('ready'))
