import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import { genericOAuth } from 'better-auth/plugins'
import Database from 'better-sqlite3'
import express from 'express'

const { PORT, ORIGIN, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API, DATABASE = 'shop.db' } = process.env

const shop = {
  providerId: 'shop',
  discoveryUrl: `${ISSUER}/.well-known/openid-configuration`,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  authentication: 'basic',
  scopes: ['openid', 'profile', 'email', 'offline_access', 'orders'],
}
const options = {
  baseURL: ORIGIN,
  secret: SECRET,
  database: new Database(DATABASE),
  plugins: [genericOAuth({ config: [shop] })],
}
await (await getMigrations(options)).runMigrations()
const auth = betterAuth(options)

async function requireUser(req, res, next) {
  res.locals.session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) })
  if (res.locals.session) next()
  else res.redirect('/login')
}

const app = express()
app.all('/api/auth/*rest', toNodeHandler(auth))
app.get('/login', async (_req, res) => {
  const body = { provider: 'shop', callbackURL: '/profile' }
  const { response, headers } = await auth.api.signInSocial({ body, returnHeaders: true })
  res.setHeaders(headers).redirect(response.url)
})
app.get('/profile', requireUser, (_req, res) => {
  const { id, name } = res.locals.session.user
  res.json({ id, name })
})
app.get('/orders', requireUser, async (req, res) => {
  const headers = fromNodeHeaders(req.headers)
  const account = (await auth.api.listUserAccounts({ headers })).find((one) => one.providerId === 'shop')
  // Refreshes the token when it has ended: each request for itself.
  const { accessToken } = await auth.api.getAccessToken({ body: { accountId: account.id }, headers })
  const orders = await fetch(`${API}/orders`, { headers: { authorization: `Bearer ${accessToken}` } })
  res.json(await orders.json())
})
app.listen(PORT, () => console.log('ready'))
