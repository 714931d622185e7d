import { createBff, type Session } from '@bff/core'
import { backchannelLogout } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import express, { type RequestHandler } from 'express'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', API = '' } = process.env
const { REDIS_URL = '', BFF_ENCRYPTION_KEY = '' } = process.env

const bff = createBff({
  origin: ORIGIN,
  store: redisStore({ url: REDIS_URL }),
  encryptionKeys: [BFF_ENCRYPTION_KEY],
  provider: oidc({
    issuer: ISSUER, // auth-server-url, /realms/ and realm of keycloak.json
    clientId: CLIENT_ID, // resource
    clientSecret: CLIENT_SECRET, // credentials.secret
    scope: 'openid profile orders',
  }),
  plugins: [backchannelLogout()],
  proxy: apiProxy({
    routes: [{ path: '/orders', target: `${API}/orders` }],
    upstream: undiciUpstream(),
  }),
})
const { handler, requireSession, sessionOf, errorHandler } = expressBff(bff)

async function realmRoles(session: Session): Promise<readonly unknown[]> {
  const { claims } = await session.identity()
  const access = claims['realm_access']
  const roles = typeof access === 'object' && access !== null && 'roles' in access ? access.roles : []
  return Array.isArray(roles) ? roles : []
}

const requireRole =
  (role: string): RequestHandler =>
  async (req, res, next) => {
    if ((await realmRoles(sessionOf(req))).includes(role)) next()
    else res.status(403).json({ error: 'forbidden', message: `You need the role ${role}.` })
  }

const app = express()
app.use(handler)
app.get('/profile', requireSession(), requireRole('customer'), async (req, res) => {
  const { claims } = await sessionOf(req).identity()
  res.json({ name: claims['name'] })
})
app.use(errorHandler)
app.listen(PORT, () => console.log('ready'))
