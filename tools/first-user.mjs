/**
 * Run in a process of its own by `size.mjs`, with the folder of a bundle: an app whose first user signs in, asks for the session,
 * calls an API through the proxy and signs out. Prints which files were loaded for that, as JSON.
 *
 * Each file of the bundle begins with a line that notes its own name.
 */
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder = ''] = process.argv.slice(2)
const load = (/** @type {string} */ name) => import(pathToFileURL(join(folder, `${name}.js`)).href)

const { createBff, generateEncryptionKey } = await load('core')
const { apiProxy } = await load('proxy')
const { memoryStore } = await load('store-memory')

const ORIGIN = 'https://app.example.com'
const API = 'https://orders.example.com'
const tokens = {
  accessToken: 'at',
  expiresIn: 600,
  refreshToken: 'rt',
  refreshTokenExpiresIn: null,
  idToken: null,
  scope: 'openid',
  dpopKeyPair: null,
}
const claims = { sub: 'alice', iss: 'https://id.example.com' }

const bff = createBff({
  origin: ORIGIN,
  store: memoryStore(),
  encryptionKeys: [generateEncryptionKey()],
  provider: {
    authorize: async (/** @type {{ state: string }} */ { state }) => ({
      url: `https://id.example.com/authorize?state=${state}`,
      transaction: {},
    }),
    exchange: async () => ({
      ...tokens,
      claims,
      issuer: claims.iss,
      subject: claims.sub,
      providerSessionId: null,
      sessionState: null,
    }),
    isMaker: () => true,
    revoke: async () => {},
    sharesGrants: () => false,
    endSessionUrl: async () => null,
  },
  proxy: apiProxy({
    routes: [{ path: '/api', target: API }],
    upstream: { send: async () => ({ status: 200, headers: [], body: null }), close: async () => {} },
  }),
  onEvent: () => {},
})

let cookies = ''
/**
 * @param {string} path
 * @param {number} expected
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
async function ask(path, expected, init) {
  const headers = { cookie: cookies, ...init?.headers }
  const response = await bff.fetch(new Request(ORIGIN + path, { ...init, headers }))
  if (response.status !== expected) throw new Error(`${path} answered ${response.status}, not ${expected}.`)
  const set = response.headers.getSetCookie()
  if (set.length > 0) cookies = set.map((/** @type {string} */ cookie) => cookie.split(';', 1)[0]).join('; ')
  return response
}

const page = { accept: 'text/html', 'sec-fetch-site': 'same-origin' }
const script = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
const toProvider = await ask('/bff/login', 303, { headers: page })
const state = new URL(toProvider.headers.get('location') ?? '').searchParams.get('state')
await ask(`/bff/callback?code=c&state=${state}`, 303, { headers: page })
await ask('/bff/user', 200, { headers: script })
await ask('/bff/session', 200, { headers: script })
await ask('/api/orders', 200, { headers: script })
await ask('/bff/logout', 200, { headers: script, method: 'POST' })
await bff.close()

const loaded = /** @type {{ loadedFiles?: Set<string> }} */ (globalThis).loadedFiles ?? new Set()
console.log(JSON.stringify([...loaded].map((url) => basename(url))))
