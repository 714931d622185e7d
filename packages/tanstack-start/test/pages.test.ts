import { BffError, createBff, generateEncryptionKey } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { openWorldForEachTest } from '@bff/test-support/fixture'
import { testOptions } from '@bff/test-support/options'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type TanStackStartBffOptions, tanStackStartBff } from '../src/index.ts'
import { fixtureApp } from './support/fixture.ts'

// TanStack Start prints errors of the app, and one test makes such errors.
vi.spyOn(console, 'error').mockImplementation(() => {})

const ORIGIN = 'https://app.example.com'
const OWN = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

let app: Awaited<ReturnType<typeof fixtureApp>>
beforeAll(async () => {
  app = await fixtureApp()
})
const world = openWorldForEachTest()

const ask = (path: string, init?: RequestInit) => app(new Request(ORIGIN + path, init))

/** The address of the server function that the page's form calls. */
async function addressOfSave(): Promise<string> {
  const page = await ask('/private', { headers: { cookie: world.alice.cookie } })
  return /\/_serverFn\/[^<"]+/.exec(await page.text())?.[0] ?? ''
}

async function save(headers: Record<string, string>, address?: string): Promise<Response> {
  const body = new FormData()
  body.set('note', 'milk')
  return ask(address ?? (await addressOfSave()), { method: 'POST', headers, body })
}

const CALL = { 'x-tsr-serverfn': 'true', referer: `${ORIGIN}/private?tab=orders` }

describe('requireSession before a page loads', () => {
  it('shows the page to its user', async () => {
    const page = await ask('/private', { headers: { cookie: world.alice.cookie } })
    expect(page.status).toBe(200)
    expect(await page.text()).toMatch(/The account of (<!-- -->)?alice/)
  })

  it('sends everybody else to sign in and back to the page, its query included', async () => {
    const { status, headers } = await ask('/private?tab=orders')
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([
      303,
      '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
      'no-store',
    ])
  })

  it('shows no page and signs nobody out when the store does not answer', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const page = await ask('/private', { headers: { cookie: world.alice.cookie } })
    // The status is TanStack Start's for every error before a page loads.
    expect([page.status, page.headers.get('set-cookie')]).toEqual([500, null])
    expect(await page.text()).toContain('<p role="alert">The session store does not answer')
    world.store.beforeRead = () => {}
    expect((await ask('/private', { headers: { cookie: world.alice.cookie } })).status).toBe(200)
  })
})

describe('requireSession in a server function', () => {
  it('acts for a call of this origin, with one read of the store', async () => {
    const address = await addressOfSave()
    let reads = 0
    world.store.beforeRead = () => {
      reads++
    }
    const saved = await save({ cookie: world.alice.cookie, ...OWN, ...CALL }, address)
    expect([await saved.text(), reads]).toEqual([expect.stringContaining('milk by alice'), 1])
  })

  it.each([
    ['another site', FOREIGN],
    ['an opaque origin', { origin: 'null' }],
    ['nobody says where it comes from', {}],
  ])('refuses a form when it comes from: %s', async (_, headers) => {
    const answer = await save({ cookie: world.alice.cookie, ...headers })
    expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining('milk')])
  })

  it('has the page that calls it open the sign-in as a document, and return to that page', async () => {
    const address = await addressOfSave()
    await world.bff.sessions.revoke(world.alice.handle)
    const body = new FormData()
    const answer = await ask(address, {
      method: 'POST',
      headers: { cookie: world.alice.cookie, ...OWN, ...CALL },
      body,
    })
    expect(answer.headers.get('location')).toBeNull()
    expect(await answer.text()).toContain('"/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders"')
  })

  it('answers 503 to a call when the store does not answer', async () => {
    const address = await addressOfSave()
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const headers = { cookie: world.alice.cookie, ...OWN, ...CALL }
    expect((await ask(address, { method: 'POST', headers, body: new FormData() })).status).toBe(503)
  })
})

describe('onRequest', () => {
  it('takes the provider’s back-channel logout, which comes without an Origin', async () => {
    const { status } = await ask('/bff/backchannel-logout', {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'none' }),
    })
    // This BFF has no such endpoint; the check of forms would answer 403.
    expect(status).toBe(404)
  })
})

const bffOf = (hooks = {}) =>
  createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    hooks,
  })

testOptions<TanStackStartBffOptions>('TanStackStartBffOptions', {
  remoteAddress: {
    set: () => '192.0.2.8',
    see: async (options) => {
      let seen: string | undefined
      const bff = bffOf({
        onNoSession: ({ remoteAddress }: { readonly remoteAddress?: string }) => {
          seen = remoteAddress
        },
      })
      const { withSession } = tanStackStartBff(() => bff, options)
      const request = new Request(ORIGIN, { headers: { 'x-csrf': '1' } })
      expect((await withSession(() => new Response())({ request })).status).toBe(401)
      return seen
    },
    shows: [undefined, '192.0.2.8'],
  },
  checkForms: {
    set: false,
    see: async (options) => {
      const { onRequest } = tanStackStartBff(() => world.bff, options)
      const form = { method: 'POST', headers: FOREIGN, body: new URLSearchParams({ a: '1' }) }
      const request = new Request(`${ORIGIN}/save`, form)
      const answer = await onRequest({ request, next: () => 'from the app' })
      return typeof answer === 'string' ? answer : String(answer.status)
    },
    shows: ['403', 'from the app'],
  },
})

describe('tanStackStartBff', () => {
  it('refuses an unknown option with its name', () => {
    expect(() => tanStackStartBff(() => world.bff, { adress: () => '' } as never)).toThrow(/adress/)
  })

  it('returns from the sign-in to a page of this origin only', async () => {
    const { requireSession } = tanStackStartBff(() => world.bff)
    const signInFrom = async (headers: Record<string, string>) => {
      const request = new Request(`${ORIGIN}/_serverFn/abc`, { headers })
      const thrown = await requireSession({ request }).catch((cause: unknown) => cause)
      return (thrown as { options: { href: string } }).options.href
    }
    expect(await signInFrom(CALL)).toBe('/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders')
    // The host of a referrer is left out, and one without the header is not asked for.
    expect(await signInFrom({ ...CALL, referer: 'https://evil.example/a' })).toBe('/bff/login?returnTo=%2Fa')
    expect(await signInFrom({ referer: `${ORIGIN}/b` })).toBe('/bff/login?returnTo=%2F_serverFn%2Fabc')
  })
})
