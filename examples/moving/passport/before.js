import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { allowInsecureRequests, discovery } from 'openid-client'
import { Strategy } from 'openid-client/passport'
import passport from 'passport'
import { createClient } from 'redis'
import { findOrCreateUser, userById } from './users.ts'

const { PORT, ORIGIN, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, REDIS_URL } = process.env

const client = await createClient({ url: REDIS_URL }).connect()
const config = await discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: ISSUER.startsWith('http:') ? [allowInsecureRequests] : [],
})
passport.use(
  'oidc',
  new Strategy(
    { config, callbackURL: `${ORIGIN}/callback`, scope: 'openid profile' },
    async (tokens, done) => {
      const { iss, sub, name } = tokens.claims()
      done(null, await findOrCreateUser(iss, sub, name))
    },
  ),
)
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser(async (id, done) => done(null, await userById(id)))

const app = express()
app.use(
  session({ store: new RedisStore({ client }), secret: SECRET, resave: false, saveUninitialized: false }),
)
app.use(passport.session())
app.get('/login', passport.authenticate('oidc'))
app.get(
  '/callback',
  passport.authenticate('oidc', { successRedirect: '/profile', failureRedirect: '/login' }),
)
app.get('/profile', (req, res) => {
  if (req.isAuthenticated()) res.json({ name: req.user.name })
  else res.redirect('/login')
})
app.post('/logout', (req, res) => req.logout(() => res.redirect('/')))
app.listen(PORT, () => console.log('ready'))
