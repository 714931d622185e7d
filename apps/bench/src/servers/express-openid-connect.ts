import { createServer } from 'node:http'
import { RedisStore } from 'connect-redis'
import express from 'express'
import openid from 'express-openid-connect'
import { createClient } from 'redis'
import { APP_ORIGIN, type Surroundings } from '../protocol.ts'
import type { Measured, Peer } from './bff.ts'
import { ORDERS } from './serve.ts'

const { auth, requiresAuth } = openid

type Session = NonNullable<NonNullable<Parameters<typeof auth>[0]>['session']>
type Store = NonNullable<Session['store']>

async function onExpress({ provider }: Surroundings, session: Session = {}): Promise<Measured> {
  if (provider === undefined) throw new Error('express-openid-connect needs a provider.')
  const { through } = provider
  const app = express()
  app.use(
    auth({
      issuerBaseURL: provider.issuer,
      baseURL: APP_ORIGIN,
      clientID: provider.clientId,
      clientSecret: provider.clientSecret,
      secret: 's'.repeat(40),
      authRequired: false,
      idTokenSigningAlg: 'ES256',
      authorizationParams: {
        response_type: 'code',
        scope: 'openid profile offline_access orders',
        prompt: 'consent',
      },
      session,
      ...(through !== undefined && {
        customFetch: (url, init) =>
          fetch(through + new URL(url instanceof Request ? url.url : url).pathname, init),
      }),
    }),
  )
  app.get('/orders', requiresAuth(), (req, res) => void res.json({ ...ORDERS, user: req.oidc.user?.['sub'] }))
  return { app: createServer(app), cookie: null, login: '/login' }
}

export const OPENID_CONNECT: Readonly<Record<string, Peer>> = {
  'express-openid-connect, cookie': (surroundings) => onExpress(surroundings),

  async 'express-openid-connect, Redis'(surroundings) {
    const client = await createClient({ url: surroundings.redis ?? '' }).connect()
    // Its documents use this store. Only the types differ: of the cookie in a session, it knows less than express-session.
    const store: object = new RedisStore({ client })
    return onExpress(surroundings, { store: store as Store })
  },
}
