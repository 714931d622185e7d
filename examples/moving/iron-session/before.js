import { createServer } from 'node:http'
import { getIronSession } from 'iron-session'
import * as client from 'openid-client'

const { PORT, ORIGIN, ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API } = process.env

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: ISSUER.startsWith('http:') ? [client.allowInsecureRequests] : [],
})
const options = {
  password: SECRET,
  cookieName: 'shop',
  cookieOptions: { secure: ORIGIN.startsWith('https:') },
}

async function login(session) {
  session.verifier = client.randomPKCECodeVerifier()
  session.state = client.randomState()
  await session.save()
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${ORIGIN}/callback`,
    scope: 'openid profile offline_access orders',
    code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: 'S256',
    state: session.state,
  }).href
}

async function callback(request, session) {
  const checks = { pkceCodeVerifier: session.verifier, expectedState: session.state }
  const tokens = await client.authorizationCodeGrant(config, new URL(request.url, ORIGIN), checks)
  session.userId = tokens.claims().sub
  session.accessToken = tokens.access_token
  await session.save()
  return '/profile'
}

createServer(async (request, response) => {
  const session = await getIronSession(request, response, options)
  const redirect = (location) => response.writeHead(303, { location }).end()
  const { pathname } = new URL(request.url, ORIGIN)
  if (pathname === '/login') return redirect(await login(session))
  if (pathname === '/callback') return redirect(await callback(request, session))
  if (!session.userId) return redirect('/login')
  if (pathname === '/logout' && request.method === 'POST') {
    session.destroy()
    return redirect('/')
  }
  if (pathname === '/orders') {
    const headers = { authorization: `Bearer ${session.accessToken}` }
    return response.end(await (await fetch(`${API}/orders`, { headers })).text())
  }
  response.end(JSON.stringify({ user: session.userId }))
}).listen(PORT, () => console.log('ready'))
