import { BffError } from '@bff/core'
import { useBff } from '@bff/test-support/bff-under-test'
import { openWorldForEachTest, serveForAllTests } from '@bff/test-support/fixture'
import { testOptions } from '@bff/test-support/options'
import type { RequestEvent } from '@sveltejs/kit'
import { describe, expect, it, vi } from 'vitest'
import { type SvelteKitBffOptions, svelteKitBff } from '../src/index.ts'
import { svelteKitServer } from './support/svelte-kit-server.ts'

// SvelteKit prints errors of the app, and one test makes such errors.
vi.spyOn(console, 'error').mockImplementation(() => {})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const OWN = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

const server = serveForAllTests(svelteKitServer)
const world = openWorldForEachTest()

const ask = (path: string, init: RequestInit = {}) =>
  fetch(server.origin + path, { redirect: 'manual', ...init })
const save = (headers: Record<string, string>) =>
  ask('/private', {
    method: 'POST',
    headers: { ...FORM, accept: 'text/html', ...headers },
    body: 'note=milk',
  })

describe('requireSession in a load function', () => {
  it('shows the page to its user', async () => {
    const page = await ask('/private', { headers: { cookie: world.alice.cookie } })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('The account of alice')
  })

  it('sends everybody else to sign in and back to the page, its query included', async () => {
    const page = await ask('/private?tab=orders')
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
    ])
  })

  it('sends a navigation of SvelteKit’s own router to the same place', async () => {
    const data = await ask('/private/__data.json?tab=orders&x-sveltekit-invalidated=01')
    expect(await data.json()).toMatchObject({
      type: 'redirect',
      location: '/bff/login?returnTo=%2Fprivate%3Ftab%3Dorders',
    })
  })

  it('answers 503 when the store does not answer, and signs nobody out', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const page = await ask('/private', { headers: { cookie: world.alice.cookie, accept: 'text/html' } })
    expect([page.status, page.headers.get('set-cookie')]).toEqual([503, null])
  })
})

describe('requireSession in a form action', () => {
  it('acts for a form of this origin', async () => {
    const saved = await save({ cookie: world.alice.cookie, ...OWN })
    expect(await saved.text()).toContain('milk by alice')
  })

  it.each([
    ['another site', FOREIGN],
    ['an opaque origin', { origin: 'null' }],
    ['nobody says where it comes from', {}],
  ])('refuses a form when it comes from: %s', async (_, headers) => {
    const { status } = await save({ cookie: world.alice.cookie, ...headers })
    expect(status).toBe(403)
  })

  it('sends a user whose session has ended to sign in and back to the page', async () => {
    await world.bff.sessions.revoke(world.alice.handle)
    const { status, headers } = await save({ cookie: world.alice.cookie, ...OWN })
    expect([status, headers.get('location')]).toEqual([303, '/bff/login?returnTo=%2Fprivate'])
  })
})

describe('handle', () => {
  it('checks form posts to routes without a guard', async () => {
    const post = (headers: Record<string, string>) =>
      ask('/unguarded', { method: 'POST', headers: { ...FORM, ...headers }, body: 'a=1' })
    expect((await post(FOREIGN)).status).toBe(403)
    expect((await post({ ...FOREIGN, 'content-type': 'TEXT/Plain; charset=utf-8' })).status).toBe(403)
    expect((await ask('/unguarded', { method: 'POST', headers: FOREIGN })).status).toBe(403)
    expect((await post(OWN)).status).toBe(200)
    // A page of another site cannot send this type without a CORS preflight.
    expect((await post({ 'content-type': 'application/json' })).status).toBe(200)
  })

  it('takes the provider’s back-channel logout, which comes without an Origin', async () => {
    const { status } = await ask('/bff/backchannel-logout', {
      method: 'POST',
      headers: FORM,
      body: 'logout_token=none',
    })
    // SvelteKit's own check would answer 403 before the BFF sees the request. This BFF has no such endpoint.
    expect(status).toBe(404)
  })

  it('refuses a body that SvelteKit would drop, and says why', async () => {
    const answer = await ask('/open/thing', {
      method: 'POST',
      headers: { 'x-csrf': '1', ...OWN },
      body: new Uint8Array([1, 2, 3]),
    })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'bad_request' }])
    expect(world.api.requests).toEqual([])
  })

  it('serves a page that was rendered at build time, without a BFF', async () => {
    useBff(undefined)
    expect(await (await ask('/about')).text()).toContain('About')
  })
})

/** What the hook of these options answers to a form of another site. */
async function answerTo(options: SvelteKitBffOptions, init: RequestInit): Promise<string> {
  const { handle } = svelteKitBff(() => world.bff, options)
  const request = new Request('https://app.example.com/save', init)
  const event = { request, isSubRequest: false, getClientAddress: () => '192.0.2.1' }
  const resolve = async () => new Response('from the app')
  const answer = await handle({ event: event as unknown as RequestEvent, resolve })
  return answer.status === 200 ? answer.text() : String(answer.status)
}

const foreignForm = { method: 'POST', headers: { ...FORM, ...FOREIGN }, body: 'a=1' }

testOptions<SvelteKitBffOptions>('SvelteKitBffOptions', {
  building: {
    set: true,
    see: (options) => answerTo(options, foreignForm),
    shows: ['403', 'from the app'],
  },
  checkForms: {
    set: false,
    see: (options) => answerTo(options, foreignForm),
    shows: ['403', 'from the app'],
  },
})

describe('svelteKitBff', () => {
  it('refuses an unknown option with its name', () => {
    expect(() => svelteKitBff(() => world.bff, { buildign: true } as never)).toThrow(/buildign/)
  })

  it('makes the BFF once, and again after a failure', async () => {
    let made = 0
    const { bff } = svelteKitBff(() => {
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
