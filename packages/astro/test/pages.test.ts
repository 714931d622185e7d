import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type Bff, BffError, type Session } from '@bff/core'
import { openWorldForEachTest, serveForAllTests } from '@bff/test-support/fixture'
import { testOptions } from '@bff/test-support/options'
import type { APIContext } from 'astro'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { type AstroBffOptions, astroBff, type BffLocals } from '../src/index.ts'
import { astroServer } from './support/astro-server.ts'

// Astro prints errors of the app, and one test makes such errors.
vi.spyOn(console, 'error').mockImplementation(() => {})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const DOCUMENT = { accept: 'text/html' }
const OWN = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

const server = serveForAllTests(astroServer)
const world = openWorldForEachTest()

const ask = (path: string, init: RequestInit = {}) =>
  fetch(server.origin + path, { redirect: 'manual', ...init })

/** Opens a page as a browser does: `fetch` has a `Sec-Fetch-Mode` of its own. */
async function open(
  path: string,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<IncomingMessage> {
  const request = httpRequest(server.origin + path, {
    method,
    headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...headers },
  })
  request.end(body)
  const [response] = await once(request, 'response')
  return response.resume()
}
const save = (headers: Record<string, string>) =>
  ask('/private?_action=save', {
    method: 'POST',
    headers: { ...FORM, ...DOCUMENT, ...headers },
    body: 'note=milk',
  })

describe('requireSession in a page', () => {
  it('shows the page to its user', async () => {
    const page = await ask('/private', { headers: { cookie: world.alice.cookie } })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('The account of alice')
  })

  it('sends everybody else to sign in and back to the page, its query included', async () => {
    const { statusCode, headers } = await open('/private?tab=orders')
    expect([statusCode, headers.location, headers['cache-control']]).toEqual([
      303,
      '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
      'no-store',
    ])
  })

  it.each([
    ['a script', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
  ])('answers 401 instead to %s, which could not follow the redirect', async (_, headers) => {
    const answer = await open('/private', { headers })
    expect([answer.statusCode, answer.headers.location]).toEqual([401, undefined])
  })

  it('answers 503 when the store does not answer, and signs nobody out', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const page = await ask('/private', { headers: { cookie: world.alice.cookie, ...DOCUMENT } })
    expect([page.status, page.headers.get('set-cookie')]).toEqual([503, null])
  })
})

describe('locals.session', () => {
  it('is null in a page that was rendered at build time, without a BFF', async () => {
    const page = await readFile(new URL('fixture/dist/client/about/index.html', import.meta.url), 'utf8')
    expect(page).toContain('About nobody')
  })

  it('shares one read of the store with requireSession', async () => {
    let reads = 0
    world.store.beforeRead = () => {
      reads++
    }
    const saved = await save({ cookie: world.alice.cookie, ...OWN })
    expect([await saved.text(), reads]).toEqual([expect.stringContaining('milk by alice'), 1])
  })
})

describe('a form action', () => {
  it('acts for a form of this origin', async () => {
    expect(await (await save({ cookie: world.alice.cookie, ...OWN })).text()).toContain('milk by alice')
  })

  it.each([
    ['another site', FOREIGN],
    ['an opaque origin', { origin: 'null' }],
    ['nobody says where it comes from', {}],
  ])('refuses a form when it comes from: %s', async (_, headers) => {
    const answer = await save({ cookie: world.alice.cookie, ...headers })
    expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining('milk')])
  })

  it('sends a user whose session has ended to sign in and back to the page', async () => {
    await world.bff.sessions.revoke(world.alice.handle)
    const { statusCode, headers } = await open('/private?_action=save', {
      method: 'POST',
      headers: { cookie: world.alice.cookie, ...FORM, ...OWN },
      body: 'note=milk',
    })
    expect([statusCode, headers.location]).toEqual([303, '/bff/login?returnTo=%2Fprivate'])
  })

  it('answers 401 to a call of the action without a session', async () => {
    const call = (headers: Record<string, string>) => {
      const body = new FormData()
      body.set('note', 'milk')
      return ask('/_actions/save', { method: 'POST', headers: { ...OWN, ...headers }, body })
    }
    expect((await call({})).status).toBe(401)
    expect(await (await call({ cookie: world.alice.cookie })).text()).toContain('milk by alice')
    expect((await call({ cookie: world.alice.cookie, ...FOREIGN })).status).toBe(403)
  })
})

describe('onRequest', () => {
  it('takes the provider’s back-channel logout, which comes without an Origin', async () => {
    const { status } = await ask('/bff/backchannel-logout', {
      method: 'POST',
      headers: FORM,
      body: 'logout_token=none',
    })
    // Astro's own check would answer 403 before the BFF sees the request. This BFF has no such endpoint.
    expect(status).toBe(404)
  })

  it('answers a BffError of a route as the BFF does, and leaves all other errors to Astro', async () => {
    const { onRequest } = astroBff(() => world.bff)
    const context = contextOf(new Request('https://app.example.com/'))
    const refused = await onRequest(context, () => Promise.reject(new BffError('not_found')))
    expect((refused as Response).status).toBe(404)
    const broken = new Error('the app broke')
    await expect(onRequest(context, () => Promise.reject(broken))).rejects.toBe(broken)
  })
})

const contextOf = (request: Request) =>
  ({ request, url: new URL(request.url), clientAddress: '192.0.2.1', locals: {} }) as unknown as APIContext

testOptions<AstroBffOptions>('AstroBffOptions', {
  checkForms: {
    set: false,
    see: async (options) => {
      const { onRequest } = astroBff(() => world.bff, options)
      const form = { method: 'POST', headers: { ...FORM, ...FOREIGN }, body: 'a=1' }
      const context = contextOf(new Request('https://app.example.com/save', form))
      const answer = (await onRequest(context, async () => new Response('from the app'))) as Response
      return answer.status === 200 ? answer.text() : String(answer.status)
    },
    shows: ['403', 'from the app'],
  },
})

it('refuses an unknown option with its name', () => {
  expect(() => astroBff(() => world.bff, { chekForms: true } as never)).toThrow(/chekForms/)
})

it('types the metadata of the session, in locals too', async () => {
  interface Plan {
    readonly plan: string
  }
  const { getSession } = astroBff<Plan>(() => world.bff as unknown as Bff<Plan>)
  const session = await getSession(contextOf(new Request('https://app.example.com/')))
  expectTypeOf(session).toEqualTypeOf<Session<Plan> | null>()
  expectTypeOf<BffLocals<Plan>['session']>().toEqualTypeOf<Promise<Session<Plan> | null>>()
  expect(session).toBeNull()
})
