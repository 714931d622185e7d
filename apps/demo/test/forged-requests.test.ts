import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createBff, type PluginContext, type RequestView } from '@bff/core'
import { deviceBinding } from '@bff/core/device-binding'
import { embedding } from '@bff/core/embedding'
import {
  anonymousUser,
  backchannelLogout,
  diagnostics,
  frontchannelLogout,
  healthEndpoint,
  popupSignIn,
  sessionEndpoints,
  silentLogin,
} from '@bff/core/endpoints'
import { openapi } from '@bff/core/openapi'
import { oidc } from '@bff/oidc'
import { globalTokenRevocation, sharedSignals } from '@bff/oidc/shared-signals'
import { memoryStore } from '@bff/store-memory'
import { wallet } from '@bff/wallet'
import { expect, test } from 'vitest'

const ISSUER = 'https://idp.example.com'
const ORIGIN = 'https://app.example.com'
const EVIL = 'https://evil.example'

/** A provider that nobody reaches. */
const fetch = async () => Response.error()
const provider = () => oidc({ issuer: ISSUER, clientId: 'app', clientSecret: 'kept-by-the-server', fetch })
const ethereum = async (tokens: 'cookie' | 'client') => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  return wallet({ tokens, keys: [{ ...(await crypto.subtle.exportKey('jwk', pair.privateKey)) } as never] })
}

/** BFFs that have every endpoint of every plugin among them. */
const CONFIGS = {
  usual: async () => ({
    provider: provider(),
    plugins: [
      anonymousUser(),
      backchannelLogout(),
      frontchannelLogout(),
      healthEndpoint(),
      popupSignIn(),
      sessionEndpoints(),
      silentLogin(),
      deviceBinding(),
      openapi(),
      globalTokenRevocation({ issuer: ISSUER }),
      sharedSignals({
        issuer: ISSUER,
        audience: 'app',
        pushToken: 'a-secret-of-the-stream-that-is-long-enough',
      }),
    ],
  }),
  wallets: async () => {
    const ethers = await ethereum('cookie')
    return { provider: ethers.provider(), plugins: [ethers] }
  },
  framed: async () => ({
    provider: provider(),
    cookie: { sameSite: 'none' as const, partitioned: true },
    plugins: [embedding({ ancestors: ['https://portal.example.com'] })],
  }),
  development: async () => ({ origin: 'http://localhost:3000', plugins: [diagnostics()] }),
  clients: async () => ({ plugins: [await ethereum('client')] }),
}

const navigates = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }
const form = (type: string) => ({ ...navigates, 'content-type': type })
const FORM = form('application/x-www-form-urlencoded')

/** What another site can make a browser send, by the kind of browser. None has the header. */
const FOREIGN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a script': {
    origin: EVIL,
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'no-cors',
    'sec-fetch-dest': 'empty',
  },
  'a form': { ...FORM, origin: EVIL, 'sec-fetch-site': 'cross-site' },
  'a form with a file': {
    ...form('multipart/form-data; boundary=b'),
    origin: EVIL,
    'sec-fetch-site': 'cross-site',
  },
  'a form of text': { ...form('text/plain'), origin: EVIL, 'sec-fetch-site': 'cross-site' },
  'a form of a sibling': { ...FORM, origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' },
  'a form of a sandboxed page': { ...FORM, origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a form, redirected': { ...FORM, origin: 'null', 'sec-fetch-site': 'cross-site', referer: `${ORIGIN}/` },
  'a form in a frame': { ...FORM, origin: EVIL, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' },
  'a link': { ...navigates, 'sec-fetch-site': 'cross-site' },
  'an image': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  'an old browser’s form': { accept: 'text/html', origin: EVIL },
  'an old browser’s form of a sandboxed page': { accept: 'text/html', origin: 'null' },
  'an old browser’s form with Referer alone': { accept: 'text/html', referer: `${EVIL}/?${ORIGIN}/` },
  'an old browser’s form that says nothing': { accept: 'text/html' },
  'a method override': {
    ...FORM,
    origin: EVIL,
    'sec-fetch-site': 'cross-site',
    'x-http-method-override': 'GET',
  },
}
const OWN = { ...FORM, origin: ORIGIN, 'sec-fetch-site': 'same-origin' }
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'post', 'constructor']

async function open(name: keyof typeof CONFIGS) {
  const found: PluginContext[] = []
  const rejected: string[] = []
  const { plugins, ...config } = await CONFIGS[name]()
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [randomBytes(32).toString('base64')],
    onEvent: (event) => event.type === 'csrf.rejected' && rejected.push(event.reason),
    ...config,
    plugins: [
      ...plugins,
      (context) => {
        found.push(context)
        return {}
      },
    ],
  })
  const { cookie } = await bff.sessions.create({ userId: 'alice', issuer: ISSUER, providerSessionId: 'sid' })
  const sent = cookie.split(';', 1)[0] ?? ''
  const view = (method: string, target: string, headers: Readonly<Record<string, string>>): RequestView => ({
    method,
    target,
    remoteAddress: '192.0.2.7',
    header: (header) => ({ ...headers, cookie: sent })[header],
    headers: () => Object.entries({ ...headers, cookie: sent }),
    body: () => undefined,
    signal: new AbortController().signal,
  })
  /** Whether a request reaches the endpoint itself. */
  async function reaches(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const before = rejected.length
    const reply = await bff.handle(view(method, path.replace('*', 'AAAAAAAAAAAAAAAA'), headers))
    return reply?.status !== 405 && rejected.length === before
  }
  const isSignedIn = async () => (await bff.getSession(view('GET', '/', {}))) !== null
  return { bff, endpoints: found[0]?.endpoints ?? [], reaches, isSignedIn }
}

const NAMES = Object.keys(CONFIGS) as (keyof typeof CONFIGS)[]

/** The first two columns of the table in the document, without links, which the endpoint itself tells from other requests. */
const TABLE = [
  ...readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8').matchAll(
    /^\| `([A-Z]+ \/\S+)` \| ([a-z ]+) \|/gm,
  ),
].flatMap(([, request = '', from = '']) => (from === 'a link' ? [] : [{ request, from }]))

/** The requests that reach an endpoint of one of the BFFs; HEAD without a GET too. */
async function reachedBy(
  reaches: (world: Awaited<ReturnType<typeof open>>, method: string, path: string) => Promise<boolean>,
) {
  const reached = new Set<string>()
  for (const name of NAMES) {
    const world = await open(name)
    for (const [path] of world.endpoints)
      for (const method of METHODS) if (await reaches(world, method, path)) reached.add(`${method} ${path}`)
    await world.bff.close()
  }
  return [...reached]
    .filter((row) => !reached.has(row.replace(/^HEAD /, 'GET ')) || !row.startsWith('HEAD '))
    .sort()
}

test('another site reaches the endpoints of the table that accept any site, and ends no session', async () => {
  const reached = await reachedBy(async (world, method, path) => {
    const senders: string[] = []
    for (const [sender, headers] of Object.entries(FOREIGN))
      if (await world.reaches(method, path, headers)) senders.push(sender)
    expect([method, path, await world.isSignedIn()]).toEqual([method, path, true])
    if (senders.length > 0) expect([method, path, senders]).toEqual([method, path, Object.keys(FOREIGN)])
    return senders.length > 0
  })
  expect(reached).toEqual(TABLE.flatMap(({ request, from }) => (from === 'any site' ? [request] : [])).sort())
})

test('the table has every endpoint that accepts a request of the app’s own page without the header', async () => {
  const reached = await reachedBy((world, method, path) => world.reaches(method, path, OWN))
  expect(reached).toEqual(TABLE.map(({ request }) => request).sort())
})
