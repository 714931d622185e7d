import { createServer, type Server } from 'node:http'
import { type Bff, createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { bffPlugin } from '@bff/fastify'
import { undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import fastify from 'fastify'
import { Agent } from 'undici'
import { ROUTES } from './guarded.ts'
import { FRAMEWORKS, type Ready, type ServerName, type Usage } from './protocol.ts'
import { listen, ORDERS } from './serve.ts'

interface Measured {
  readonly app: Server
  /** The `Cookie` header of a signed-in browser. */
  readonly cookie: string
}

async function serverOf(name: ServerName, target: string): Promise<Measured> {
  const framework = FRAMEWORKS.find((one) => name === one || name === `bare ${one}`)
  if (framework !== undefined) {
    const bff = name === framework ? bffFor() : null
    return { app: await ROUTES[framework](bff), cookie: bff === null ? 'bff=none' : await cookieOf(bff) }
  }
  const app = fastify()
  let cookie = 'bff=none'
  if (name === 'api') app.get('/orders', () => ORDERS)
  if (name === 'forward') {
    const agent = new Agent()
    app.get('/api/orders', async (_request, reply) => {
      const answer = await agent.request({ origin: target, path: '/orders', method: 'GET' })
      return reply.code(answer.statusCode).type('application/json').send(answer.body)
    })
  }
  if (name === 'proxy') {
    const bff = bffFor(target)
    await app.register(bffPlugin, { bff })
    cookie = await cookieOf(bff)
  }
  await app.ready()
  return { app: createServer(app.routing), cookie }
}

function bffFor(target?: string): Bff {
  return createBff({
    origin: 'http://localhost:3000',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...(target !== undefined && {
      proxy: apiProxy({ routes: [{ path: '/api', target }], upstream: undiciUpstream() }),
    }),
  })
}

async function cookieOf(bff: Bff): Promise<string> {
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    issuer: 'https://id.example.com',
    claims: { sub: 'alice', name: 'Alice', email: 'alice@example.com' },
    tokens: { accessToken: 'a'.repeat(900), refreshToken: 'r'.repeat(200), expiresIn: 86_400 },
  })
  return cookie.split(';', 1)[0] ?? ''
}

const [name = 'bare fastify', target = ''] = process.argv.slice(2)
const { app, cookie } = await serverOf(name as ServerName, target)
const origin = await listen(app)

process.on('message', () => {
  process.send?.(process.cpuUsage() satisfies Usage)
})
// A parent that ends in any way ends its servers; leaving this way writes a profile that was asked for.
process.on('disconnect', () => process.exit())
process.send?.({ origin, cookie } satisfies Ready)
