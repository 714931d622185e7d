import { createServer } from 'node:http'
import { createBff } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { NodeRequestView, nodeListener, undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'

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

const listener = nodeListener(bff, async (request, response) => {
  const session = await bff.getSession(new NodeRequestView(request, response))
  response.statusCode = session === null ? 401 : 200
  response.end(JSON.stringify({ user: session?.userId ?? null }))
})
createServer(listener).listen(PORT, () => console.log('ready'))
