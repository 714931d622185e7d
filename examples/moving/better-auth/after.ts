import { createBff } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { sqliteStore } from '@bff/store-sql/better-sqlite3'
import express from 'express'
import { database, findOrCreateUser, userById } from './users.ts'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', API = '' } = process.env

const store = sqliteStore({ client: database })
await store.check()

const bff = createBff({
  origin: ORIGIN,
  store,
  encryptionKeys: [process.env['BFF_ENCRYPTION_KEY'] ?? ''],
  provider: oidc({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: 'openid profile email offline_access orders',
  }),
  proxy: apiProxy({
    routes: [{ path: '/orders', target: `${API}/orders` }],
    upstream: undiciUpstream(),
  }),
  hooks: {
    onCreateSession: async ({ subject, claims }) => ({
      userId: findOrCreateUser(subject ?? '', String(claims?.['name']), String(claims?.['email'])),
    }),
  },
})
const { handler, requireSession, sessionOf, errorHandler } = expressBff(bff)

const app = express()
app.use(handler)
app.get('/profile', requireSession(), (req, res) => res.json(userById(sessionOf(req).userId)))
app.use(errorHandler)
app.listen(PORT, () => console.log('ready'))
