import express from 'express'
import session from 'express-session'
import Keycloak from 'keycloak-connect'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API } = process.env

const [server, realm] = ISSUER.split('/realms/')
const store = new session.MemoryStore()
const keycloak = new Keycloak(
  { store, scope: 'profile orders' },
  { 'auth-server-url': server, realm, resource: CLIENT_ID, credentials: { secret: CLIENT_SECRET } }, // or keycloak.json
)

const app = express()
app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: true }))
app.use(keycloak.middleware({ logout: '/logout' }))
app.get('/profile', keycloak.protect('realm:customer'), (req, res) => {
  res.json({ name: req.kauth.grant.id_token.content.name })
})
app.get('/orders', keycloak.protect(), async (req, res) => {
  const headers = { authorization: `Bearer ${req.kauth.grant.access_token.token}` }
  const orders = await fetch(`${API}/orders`, { headers })
  res.json(await orders.json())
})
app.listen(PORT, () => console.log('ready'))
