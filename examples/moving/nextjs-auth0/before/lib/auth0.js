// lib/auth0.js
import { Auth0Client } from '@auth0/nextjs-auth0/server'

const { ORIGIN, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, AUDIENCE } = process.env

export const auth0 = new Auth0Client({
  domain: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  appBaseUrl: ORIGIN,
  secret: SECRET,
  authorizationParameters: { audience: AUDIENCE, scope: 'openid profile offline_access orders' },
  logoutStrategy: 'oidc',
  allowInsecureRequests: ISSUER?.startsWith('http:'),
})
