import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import {
  type Bff,
  type BffConfig,
  BffError,
  createBff,
  generateEncryptionKey,
  type IdentityProvider,
} from '@bff/core'
import { NodeRequestView, nodeListener } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { onTestFinished } from 'vitest'

export interface TwoSites {
  readonly bff: Bff
  /** The app, on `localhost`. Its page at `/page` needs a session. */
  readonly origin: string
  /** Everybody else, on `127.0.0.1`, which is another site: a page of links to the app, and the provider. */
  readonly elsewhere: string
  /** The app's page, when a session is there, has these elements too. */
  html: string
  /** What browsers asked the app for, as `path (sec-fetch-dest)`. */
  readonly asked: readonly string[]
}

export interface TwoSitesOptions {
  /** Whether the provider knows that it is Alice, and shows no page. @default false: a person chooses */
  readonly isSignedIn?: boolean
  /** Where the provider is: `localhost` is the same site as the app. @default '127.0.0.1' */
  readonly providerHost?: 'localhost' | '127.0.0.1'
  /** @default none */
  readonly plugins?: BffConfig['plugins']
  /** Headers that a proxy in front of the app takes away. @default none */
  readonly dropped?: readonly string[]
}

/** An app and its provider on two sites, until the test is over. */
export async function twoSites({
  isSignedIn = false,
  dropped = [],
  providerHost = '127.0.0.1',
  plugins = [],
}: TwoSitesOptions = {}): Promise<TwoSites> {
  const asked: string[] = []
  const app = await server('localhost')
  const other = await server(providerHost)
  const bff = createBff({
    origin: app.origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: providerAt(other.origin),
    login: { returnTo: '/page' },
    plugins,
    onEvent: () => {},
  })
  const sites = { bff, origin: app.origin, elsewhere: other.origin, html: '', asked }

  const page: RequestListener = async (req, res) => {
    const session = await bff.getSession(new NodeRequestView(req, res))
    if (session === null) return void res.writeHead(303, { location: '/bff/login' }).end()
    writePage(res, `<h1>Hello, ${session.userId}</h1><a href="/bff/login">sign in</a>${sites.html}`)
  }
  const listen = nodeListener(bff, page)
  app.serve((req, res) => {
    asked.push(`${req.url?.split('?', 1)[0]} (${req.headers['sec-fetch-dest']})`)
    for (const name of dropped) delete req.headers[name]
    listen(req, res)
  })
  other.serve((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', other.origin)
    const back = (code: string) =>
      `${app.origin}/bff/callback?code=${code}&state=${searchParams.get('state')}`
    const link = (text: string, href: string) => `<a href="${href}">${text}</a> `
    if (pathname === '/signed-out')
      writePage(
        res,
        `<iframe src="${app.origin}/bff/frontchannel-logout${new URL(req.url ?? '', other.origin).search}"></iframe>`,
      )
    else if (pathname !== '/auth')
      writePage(
        res,
        ['/page', '/bff/login', '/bff/logout'].map((path) => link(path, app.origin + path)).join(''),
      )
    else if (isSignedIn) res.writeHead(303, { location: back('alice') }).end()
    else writePage(res, ['alice', 'bob'].map((user) => link(user, back(user))).join(''))
  })
  return sites
}

export function writePage(res: Parameters<RequestListener>[1], html: string): void {
  res.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(html)
}

async function server(hostname: string) {
  const http = createServer()
  http.listen(0, hostname)
  await once(http, 'listening')
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  return {
    origin: `http://${hostname}:${address.port}`,
    serve: (listener: RequestListener) => void http.on('request', listener),
  }
}

/** Takes the name of a person for a code. */
export function providerAt(issuer: string): IdentityProvider {
  return {
    authorize: async ({ state }) => ({ url: `${issuer}/auth?state=${state}`, transaction: {} }),
    exchange: async ({ url }) => {
      const subject = new URL(url).searchParams.get('code') ?? ''
      return {
        ...{
          accessToken: `access-${subject}`,
          expiresIn: 600,
          refreshToken: null,
          refreshTokenExpiresIn: null,
        },
        ...{ idToken: null, scope: null, dpopKeyPair: null, claims: {}, issuer, subject },
        ...{ providerSessionId: `sid-of-${subject}`, sessionState: null },
      }
    },
    refresh: () => Promise.reject(new BffError('provider_unavailable')),
    revoke: async () => {},
    isMaker: () => true,
    sharesGrants: () => true,
    apiToken: () => Promise.reject(new BffError('provider_misconfigured')),
    endSessionUrl: async () => null,
    verifyLogoutToken: () => Promise.reject(new BffError('bad_request')),
  }
}
