import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { bffPlugin, requireSession } from '@bff/fastify'
import { undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import fastify, { type FastifyInstance } from 'fastify'
import { Agent } from 'undici'
import type { Ready, ServerName, Usage } from './protocol.ts'

const ORDERS = { orders: [{ id: 1, item: 'Coffee', price: 12.5 }], user: 'alice' }

/** Each fills an app with its routes and gives the cookie of a signed-in browser. */
const SERVERS: Record<ServerName, (app: FastifyInstance, target: string) => Promise<string>> = {
  async bare(app) {
    app.get('/orders', () => ORDERS)
    return 'bff=none'
  },

  async guarded(app) {
    const cookie = await withBff(app)
    app.get('/orders', { onRequest: requireSession }, (request) => ({
      ...ORDERS,
      user: request.bff.session.userId,
    }))
    return cookie
  },

  async api(app) {
    app.get('/orders', () => ORDERS)
    return ''
  },

  async forward(app, target) {
    const agent = new Agent()
    app.get('/api/orders', async (_request, reply) => {
      const answer = await agent.request({ origin: target, path: '/orders', method: 'GET' })
      return reply.code(answer.statusCode).type('application/json').send(answer.body)
    })
    return 'bff=none'
  },

  async proxy(app, target) {
    return withBff(app, target)
  },
}

async function withBff(app: FastifyInstance, target?: string): Promise<string> {
  const bff = createBff({
    origin: 'http://localhost:3000',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...(target !== undefined && {
      proxy: apiProxy({ routes: [{ path: '/api', target }], upstream: undiciUpstream() }),
    }),
  })
  await app.register(bffPlugin, { bff })
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    issuer: 'https://id.example.com',
    claims: { sub: 'alice', name: 'Alice', email: 'alice@example.com' },
    tokens: { accessToken: 'a'.repeat(900), refreshToken: 'r'.repeat(200), expiresIn: 86_400 },
  })
  return cookie.split(';', 1)[0] ?? ''
}

const [name = 'bare', target = ''] = process.argv.slice(2)
const app = fastify()
const cookie = await SERVERS[name as ServerName](app, target)
const origin = await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', () => {
  process.send?.(process.cpuUsage() satisfies Usage)
})
// A parent that ends in any way ends its servers; leaving this way writes a profile that was asked for.
process.on('disconnect', () => process.exit())
process.send?.({ origin, cookie } satisfies Ready)
