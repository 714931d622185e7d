import { type BffEvent, type Clock, createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import fastify from 'fastify'

export interface AppSettings {
  readonly origin: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly encryptionKey?: string
  readonly store?: Stores
  readonly clock?: Clock
  readonly onEvent?: (event: BffEvent) => void
}

/** The app, with everything that differs between production and a test as a parameter. */
export async function createApp({ origin, issuer, clientId, clientSecret, ...rest }: AppSettings) {
  const { encryptionKey = generateEncryptionKey(), store = memoryStore(), clock, onEvent } = rest
  const bff = createBff({
    origin,
    store,
    encryptionKeys: [encryptionKey],
    provider: oidc({ issuer, clientId, clientSecret, scope: 'openid profile offline_access' }),
    ...(clock && { clock }),
    ...(onEvent && { onEvent }),
  })
  const { getSession, requireSession, sessionOf } = fastifyBff(bff)
  const app = fastify()
  await app.register(bffPlugin, { bff })
  app.get('/', async (request, reply) => {
    const session = await getSession(request)
    const page =
      session === null ? '<a href="/bff/login">Sign in</a>' : `<h1>Hello ${escapeHtml(session.userId)}</h1>`
    return reply.type('text/html').send(page)
  })
  app.get('/profile', { onRequest: requireSession() }, async (request) => {
    const { claims } = await sessionOf(request).identity()
    return { name: claims['name'], role: claims['role'] }
  })
  return { app, bff }
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
