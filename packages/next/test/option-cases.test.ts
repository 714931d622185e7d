import { type BffConfig, createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy, type UpstreamRequest } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import { NextRequest } from 'next/server.js'
import { expect, it } from 'vitest'
import { type NextBffOptions, nextBff } from '../src/index.ts'
import { type SignInRedirectOptions, signInRedirect } from '../src/sign-in-redirect.ts'

const ORIGIN = 'https://app.example.com'

const made = (config: Partial<BffConfig>) => () =>
  createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...config,
  })

const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(ORIGIN + path, { headers: { 'x-csrf': '1', ...headers } })

const SIGN_IN = 'https://app.example.com/bff/login?returnTo=%2Forders'

let count = 0

/** What an API behind the BFF learns of the client's address. */
async function forwardedFor(options: Omit<NextBffOptions, 'name'>): Promise<string | undefined> {
  const sent: UpstreamRequest[] = []
  const upstream = {
    async send(request: UpstreamRequest) {
      sent.push(request)
      return { status: 200, headers: [], body: null }
    },
    async close() {},
  }
  const routes = [{ path: '/api', target: 'https://orders.internal', token: 'none' }] as const
  const create = made({ proxy: apiProxy({ routes, upstream }) })
  const { handlers } = nextBff(create, { name: `another-${count++}`, ...options })
  await handlers.GET(get('/api/orders', { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.8' }))
  return new Map(sent[0]?.headers).get('x-forwarded-for')
}

testOptions<NextBffOptions>('NextBffOptions', {
  name: {
    set: 'second',
    see: async (options) => {
      await nextBff(made({ basePath: '/first' })).bff()
      const { handlers } = nextBff(made({ basePath: '/second' }), options)
      return [
        (await handlers.GET(get('/first/user'))).status,
        (await handlers.GET(get('/second/user'))).status,
      ]
    },
    shows: [
      [401, 404],
      [404, 401],
    ],
  },
  remoteAddress: {
    set: ({ headers }) => headers.get('x-real-ip') ?? undefined,
    see: forwardedFor,
    shows: [undefined, '203.0.113.8'],
  },
  basePath: {
    set: '/shop',
    see: underShop,
    shows: [
      [404, 401],
      [401, 404],
    ],
  },
})

let place = 0

/** Whether a BFF below `/shop` answers at the path a route handler is told. */
async function underShop(options: Omit<NextBffOptions, 'name'>): Promise<readonly number[]> {
  const create = made({ basePath: '/shop/bff' })
  const { handlers } = nextBff(create, { name: `place-${place++}`, ...options })
  return [(await handlers.GET(get('/bff/user'))).status, (await handlers.GET(get('/shop/bff/user'))).status]
}

/** Where a visitor of `/orders` with these cookies is sent; `null` for nowhere. */
function sentTo(options: SignInRedirectOptions, cookie: string): string | null {
  const visit = new NextRequest(`${ORIGIN}/orders`, { headers: { cookie } })
  return signInRedirect(options)(visit)?.headers.get('location') ?? null
}

testOptions<SignInRedirectOptions>('SignInRedirectOptions', {
  signInPath: {
    set: '/welcome?from=link',
    see: (options) => sentTo(options, ''),
    shows: [SIGN_IN, 'https://app.example.com/welcome?from=link&returnTo=%2Forders'],
  },
  cookieName: {
    set: 'session',
    see: (options) => ['bff=x', '__Host-Http-bff=x', 'session=x'].map((cookie) => sentTo(options, cookie)),
    shows: [
      [null, null, SIGN_IN],
      [SIGN_IN, SIGN_IN, null],
    ],
  },
})

it('signInRedirect refuses an option that does not exist', () => {
  const wrong = { signinPath: '/login' } as SignInRedirectOptions
  expect(() => signInRedirect(wrong)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
})
