import { createBff } from '@bff/core'
import { backchannelLogout, silentLogin } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import files from '@fastify/static'
import fastify from 'fastify'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', API = '' } = process.env
const { REDIS_URL = '', BFF_ENCRYPTION_KEY = '', WEB_ROOT = '' } = process.env

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
  plugins: [backchannelLogout({ path: '/bff/backchannel' }), silentLogin()],
  proxy: apiProxy({
    routes: [{ path: '/orders', target: `${API}/orders`, token: 'user' }],
    upstream: undiciUpstream(),
  }),
})

const { requireSession, sessionOf } = fastifyBff(bff)
const app = fastify({ forceCloseConnections: true })
await app.register(bffPlugin, { bff })
await app.register(files, { root: WEB_ROOT })
app.get('/profile', { onRequest: requireSession() }, async (request) => {
  const { claims } = await sessionOf(request).identity()
  return { name: claims['name'] }
})
await app.listen({ port: Number(PORT) })
console.log('ready')
