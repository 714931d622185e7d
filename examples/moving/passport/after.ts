import { createBff } from '@bff/core'
import { expressBff } from '@bff/express'
import { oidc } from '@bff/oidc'
import { redisStore } from '@bff/store-redis'
import express from 'express'
import { findOrCreateUser, userById } from './users.ts'

const { PORT, ORIGIN = '', ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
const { REDIS_URL = '', BFF_ENCRYPTION_KEY = '' } = process.env

const bff = createBff({
  origin: ORIGIN,
  store: redisStore({ url: REDIS_URL }),
  encryptionKeys: [BFF_ENCRYPTION_KEY],
  provider: oidc({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: 'openid profile',
  }),
  session: { endWithAccessToken: false }, // the app calls no API: the session need not end with its token
  hooks: {
    onCreateSession: async ({ issuer, subject, claims }) => {
      const { id } = await findOrCreateUser(issuer ?? '', subject ?? '', String(claims?.['name']))
      return { userId: id }
    },
  },
})
const { handler, requireSession, sessionOf, errorHandler } = expressBff(bff)

const app = express()
app.use(handler)
app.get('/profile', requireSession(), async (req, res) => {
  const user = await userById(sessionOf(req).userId)
  res.json({ name: user?.name })
})
app.use(errorHandler)
app.listen(PORT, () => console.log('ready'))
