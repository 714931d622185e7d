import { createBff, type Session } from '@bff/core'
import { healthEndpoint } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import fastify from 'fastify'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', APP = '' } = process.env
const { REDIS_URL = '', BFF_ENCRYPTION_KEY = '' } = process.env

/** The user, as the app knows it from oauth2-proxy. */
async function userOf(session: Session) {
  const [{ claims }, tokens] = await Promise.all([session.identity(), session.tokens()])
  return { user: session.userId, email: String(claims['email'] ?? ''), token: tokens?.accessToken ?? '' }
}

async function addUser(headers: Map<string, string>, session: Session | null) {
  if (session === null) return
  const { user, email, token } = await userOf(session)
  headers.set('x-forwarded-user', user)
  headers.set('x-forwarded-email', email)
  headers.set('x-forwarded-access-token', token)
}

const bff = createBff({
  origin: ORIGIN,
  store: redisStore({ url: REDIS_URL }),
  encryptionKeys: [BFF_ENCRYPTION_KEY],
  provider: oidc({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: 'openid profile email offline_access orders',
  }),
  plugins: [healthEndpoint()],
  proxy: apiProxy({
    routes: [
      { path: '/profile', target: `${APP}/profile`, csrf: 'same-origin', onRequest: addUser },
      { path: '/orders', target: `${APP}/orders`, csrf: 'same-origin', onRequest: addUser },
      { path: '/public', target: `${APP}/public`, csrf: 'same-origin', token: 'none' },
    ],
    upstream: undiciUpstream(),
  }),
})

const { getSession } = fastifyBff(bff)
const app = fastify({ forceCloseConnections: true })
await app.register(bffPlugin, { bff })
app.get('/', async (request, reply) => {
  const session = await getSession(request)
  return reply.redirect(session === null ? '/bff/login?returnTo=/profile' : '/profile')
})

// For auth_request of nginx, in place of /oauth2/auth and /oauth2/sign_in.
app.all('/auth', async (request, reply) => {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  const session = await getSession(request, { csrf: reads ? false : 'form' })
  if (session === null) return reply.code(401).send()
  const { user, email, token } = await userOf(session)
  reply.header('x-auth-request-user', user).header('x-auth-request-email', email)
  return reply.header('x-auth-request-access-token', token).code(202).send()
})
app.get('/sign-in', (request, reply) => {
  const returnTo = encodeURIComponent(String(request.headers['x-original-uri']))
  return reply.redirect(`/bff/login?returnTo=${returnTo}`)
})

await app.listen({ port: Number(PORT), host: '127.0.0.1' })
console.log('ready')
