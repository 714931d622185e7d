import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API } = process.env

const config = {
  secret: SECRET,
  trustHost: true,
  providers: [
    {
      id: 'shop',
      name: 'Shop',
      type: 'oidc',
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      authorization: { params: { scope: 'openid profile offline_access orders' } },
    },
  ],
  callbacks: {
    // A refresh would be about forty lines of your own here, which two tabs can run at the same time.
    jwt: ({ token, account }) => (account ? { ...token, accessToken: account.access_token } : token),
    session: ({ session, token }) => ({ ...session, accessToken: token.accessToken }),
  },
}

async function requireUser(req, res, next) {
  res.locals.session = await getSession(req, config)
  if (res.locals.session) next()
  else res.redirect('/auth/signin')
}

const app = express()
app.use('/auth', ExpressAuth(config))
app.get('/profile', requireUser, (_req, res) => res.json({ name: res.locals.session.user.name }))
app.get('/orders', requireUser, async (_req, res) => {
  const headers = { authorization: `Bearer ${res.locals.session.accessToken}` }
  const orders = await fetch(`${API}/orders`, { headers })
  res.json(await orders.json())
})
app.listen(PORT, () => console.log('ready'))
