import { text } from 'node:stream/consumers'
import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay } from '@bff/http-testkit'
import { undiciUpstream } from '@bff/node'
import fastify from 'fastify'
import { test } from 'vitest'
import { bffPlugin, fastifyBff } from '../src/index.ts'

/** The routes the laws ask for, on Fastify. */
async function serve(bff: ServedBff) {
  const { requireSession, getSession, sessionOf } = fastifyBff(bff)
  const app = fastify({ forceCloseConnections: true })
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/parsed')) await text(request.raw)
  })
  await app.register(bffPlugin, { bff, webSockets: true })
  app.route({
    method: ['GET', 'POST'],
    url: '/app/echo',
    handler: (request) => ({ method: request.method, target: request.url, body: request.body ?? '' }),
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/app/guarded',
    onRequest: requireSession(),
    handler: (request) => ({ user: sessionOf(request).userId, body: request.body ?? '' }),
  })
  app.get('/app/optional', async (request) => ({ user: (await getSession(request))?.userId ?? null }))
  return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}

const options = { name: '@bff/fastify', test, serve, upstream: undiciUpstream }
describeHttpAdapter(options)
describeWebSocketRelay(options)
