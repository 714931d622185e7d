import { BffError, createBff, generateEncryptionKey } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { openWorldForEachTest } from '@bff/test-support/fixture'
import { testOptions } from '@bff/test-support/options'
import {
  UNSAFE_decodeViaTurboStream as decode,
  type LoaderFunctionArgs,
  RouterContextProvider,
  redirect,
} from 'react-router'
import { describe, expect, it } from 'vitest'
import { type ReactRouterBffOptions, reactRouterBff } from '../src/index.ts'
import { requestHandler } from './request-handler.ts'

const ORIGIN = 'https://app.example.com'
const OWN = { 'sec-fetch-site': 'same-origin', origin: ORIGIN, host: 'app.example.com' }
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', host: 'app.example.com' }

const world = openWorldForEachTest()

/** An app with a guarded page, asked without a server. */
function appOf(options?: ReactRouterBffOptions) {
  const { middleware, getSession, requireSession, withSession } = reactRouterBff(() => world.bff, options)
  const handler = requestHandler({
    '/bff/*': { middleware },
    '/private': {
      default: () => null,
      loader: async (args: LoaderFunctionArgs) => ({ user: (await requireSession(args)).userId }),
      action: async (args: LoaderFunctionArgs) => {
        const { userId } = await requireSession(args)
        return { saved: `${(await args.request.formData()).get('note')} by ${userId}` }
      },
    },
    '/open': {
      default: () => null,
      loader: async (args: LoaderFunctionArgs) => ({ user: (await getSession(args))?.userId ?? null }),
    },
    '/moves': { loader: withSession(() => Promise.reject(redirect('/open'))) },
    '/refuses': { loader: withSession(() => Promise.reject(new BffError('not_found'))) },
  })
  return (path: string, init?: RequestInit) => handler(new Request(ORIGIN + path, init))
}

/** What React Router's client reads from the answer to a data request. */
async function dataOf(answer: Response): Promise<unknown> {
  const { value } = await decode(answer.body as ReadableStream<Uint8Array>, globalThis as never)
  return value
}

const save = (path: string, headers: Record<string, string>) =>
  appOf()(path, { method: 'POST', headers, body: new URLSearchParams({ note: 'milk' }) })

describe('requireSession in a loader', () => {
  it('shows the page to its user', async () => {
    const page = await appOf()('/private', { headers: { cookie: world.alice.cookie } })
    expect([page.status, await page.json()]).toMatchObject([
      200,
      { loaderData: { '/private': { user: 'alice' } } },
    ])
  })

  it('sends everybody else to sign in and back to the page, its query included', async () => {
    const page = await appOf()('/private?tab=orders')
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
    ])
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  it('has a client navigation open the sign-in as a document, and names the page without the router’s own marks', async () => {
    const answer = await appOf()('/private.data?tab=orders&_routes=%2Fprivate')
    const redirect = expect.objectContaining({
      redirect: '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
      reload: true,
    })
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const data = (await dataOf(answer)) as object
    const told = Object.getOwnPropertySymbols(data).map((key) => Reflect.get(data, key))
    expect([data, ...told]).toContainEqual(redirect)
  })

  it('answers 503 when the store does not answer, and signs nobody out', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const page = await appOf()('/private', { headers: { cookie: world.alice.cookie } })
    expect([page.status, page.headers.get('set-cookie')]).toEqual([503, null])
    expect((await appOf()('/open', { headers: { cookie: world.alice.cookie } })).status).toBe(503)
  })
})

describe('requireSession in an action', () => {
  it('acts for a form of this origin, as a document and from the router', async () => {
    const saved = await save('/private', { cookie: world.alice.cookie, ...OWN })
    expect(await saved.json()).toMatchObject({ actionData: { '/private': { saved: 'milk by alice' } } })
    const data = await save('/private.data', { cookie: world.alice.cookie, ...OWN })
    expect(await dataOf(data)).toEqual({ data: { saved: 'milk by alice' } })
  })

  it.each([
    ['another site', FOREIGN],
    ['an opaque origin', { origin: 'null' }],
    ['nobody says where it comes from', {}],
  ])('does not act for a form when it comes from: %s', async (_, headers) => {
    for (const path of ['/private', '/private.data']) {
      const answer = await save(path, { cookie: world.alice.cookie, ...headers })
      expect([400, 403]).toContain(answer.status)
      expect(await answer.text()).not.toContain('milk')
    }
  })

  it('sends a user whose session has ended to sign in and back to the page', async () => {
    await world.bff.sessions.revoke(world.alice.handle)
    const { status, headers } = await save('/private', { cookie: world.alice.cookie, ...OWN })
    expect([status, headers.get('location')]).toEqual([303, '/bff/login?returnTo=%2Fprivate'])
  })
})

describe('withSession', () => {
  const asAlice = () => ({ headers: { cookie: world.alice.cookie, 'x-csrf': '1' } })

  it('passes a redirect of the handler on, and answers its BffError as the BFF does', async () => {
    const moved = await appOf()('/moves', asAlice())
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/open'])
    const refused = await appOf()('/refuses', asAlice())
    expect([refused.status, await refused.json()]).toMatchObject([404, { error: 'not_found' }])
  })
})

describe('middleware', () => {
  it('leaves a prefetch of the sign-in alone', async () => {
    const answer = await appOf()('/bff/login', { headers: { 'sec-purpose': 'prefetch' } })
    expect([answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([null, null])
    expect((await appOf()('/bff/login')).headers.get('location')).not.toBeNull()
  })

  it('takes the provider’s back-channel logout, which comes without an Origin', async () => {
    const answer = await appOf()('/bff/backchannel-logout', {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'none' }),
    })
    // React Router's own check would answer 400. This BFF has no such endpoint.
    expect(answer.status).toBe(404)
  })
})

/** The address that the BFF sees behind a server with these options. */
async function addressSeen(options: ReactRouterBffOptions): Promise<string | undefined> {
  let seen: string | undefined
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    hooks: {
      onNoSession: ({ remoteAddress }) => {
        seen = remoteAddress
      },
    },
  })
  const { withSession } = reactRouterBff(() => bff, options)
  const handler = requestHandler({ '/': { loader: withSession(() => Response.json({})) } })
  expect((await handler(new Request(ORIGIN, { headers: { 'x-csrf': '1' } }))).status).toBe(401)
  await bff.close()
  return seen
}

testOptions<ReactRouterBffOptions>('ReactRouterBffOptions', {
  remoteAddress: {
    set: () => '192.0.2.8',
    see: (options) => addressSeen(options),
    shows: [undefined, '192.0.2.8'],
  },
})

describe('reactRouterBff', () => {
  it('refuses an unknown option with its name', () => {
    expect(() => reactRouterBff(() => world.bff, { adress: () => '' } as never)).toThrow(/adress/)
  })

  it('names the setting without which React Router runs no middleware', async () => {
    const { getSession } = reactRouterBff(() => world.bff)
    const args = { request: new Request(ORIGIN), url: new URL(ORIGIN), context: {} }
    await expect(getSession(args)).rejects.toThrow(/v8_middleware/)
  })

  it('keeps the sessions of two BFFs on one request apart', async () => {
    const [first, second] = [reactRouterBff(() => world.bff), reactRouterBff(() => world.bff)]
    const context = new RouterContextProvider()
    const args = (headers: HeadersInit = {}) => ({
      request: new Request(ORIGIN, { headers }),
      url: new URL(ORIGIN),
      context,
    })
    expect((await first.getSession(args({ cookie: world.alice.cookie })))?.userId).toBe('alice')
    expect(await second.getSession(args())).toBeNull()
  })

  it('makes the BFF once, and again after a failure', async () => {
    let made = 0
    const { bff } = reactRouterBff(() => {
      made++
      if (made === 1) throw new Error('The database is not there yet.')
      return world.bff
    })
    await expect(bff()).rejects.toThrow('not there yet')
    expect(await bff()).toBe(world.bff)
    expect(await bff()).toBe(world.bff)
    expect(made).toBe(2)
  })
})
