import { createServer } from 'node:http'
import { createBff } from '@bff/core'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import fastify from 'fastify'
import { APP, ISSUER, listen } from './app.ts'

const bff = createBff({ ...APP, store: redisStore({ url: 'redis://127.0.0.1' }), provider: oidc(ISSUER) })
const app = fastify()
const { requireSession, sessionOf } = fastifyBff(bff)
await app.register(bffPlugin, { bff })
app.get('/orders', { onRequest: requireSession() }, (request) => ({ user: sessionOf(request).userId }))
await app.ready()
listen(createServer(app.routing))
