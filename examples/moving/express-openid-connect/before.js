import express from 'express'
import openidConnect from 'express-openid-connect'

const { auth, requiresAuth } = openidConnect
const { PORT, ORIGIN, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API } = process.env

const app = express()
app.use(
  auth({
    authRequired: false,
    idpLogout: true,
    issuerBaseURL: ISSUER,
    baseURL: ORIGIN,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: SECRET,
    authorizationParams: { response_type: 'code', scope: 'openid profile offline_access orders' },
  }),
)
app.get('/profile', requiresAuth(), (req, res) => res.json({ name: req.oidc.user.name }))
app.get('/orders', requiresAuth(), async (req, res) => {
  let { access_token, isExpired, refresh } = req.oidc.accessToken
  if (isExpired()) ({ access_token } = await refresh())
  const orders = await fetch(`${API}/orders`, { headers: { authorization: `Bearer ${access_token}` } })
  res.json(await orders.json())
})
app.listen(PORT, () => console.log('ready'))
