import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { BffError } from '@bff/core'
import { openWorldForEachTest, serveForAllTests } from '@bff/test-support/fixture'
import { describe, expect, it } from 'vitest'
import { nuxtBff } from '../src/server.ts'
import { nuxtServer } from './support/nuxt-server.ts'

const server = serveForAllTests(nuxtServer)
const world = openWorldForEachTest()

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.origin + path, { redirect: 'manual', headers })

/** Opens a page as a browser does: `fetch` has a `Sec-Fetch-Mode` of its own. */
async function open(path: string, more: Record<string, string> = {}): Promise<IncomingMessage> {
  const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...more }
  const [response] = await once(httpRequest(server.origin + path, { headers }).end(), 'response')
  return response.resume()
}

describe('requireSession in a server route', () => {
  it('returns the session', async () => {
    expect(await (await ask('/profile', { cookie: world.alice.cookie })).json()).toEqual({ user: 'alice' })
  })

  it('answers a script without a session as the BFF does', async () => {
    const answer = await ask('/profile')
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'no_session' }])
  })

  it('takes a user who opens the route to the sign-in, and a prefetch nowhere', async () => {
    const { statusCode, headers } = await open('/profile?tab=orders')
    expect([statusCode, headers.location, headers['cache-control']]).toEqual([
      303,
      '/bff/login?returnTo=%2Fprofile%3Ftab%3Dorders',
      'no-store',
    ])
    expect((await open('/profile', { 'sec-purpose': 'prefetch' })).statusCode).toBe(401)
  })
})

describe('event.context.session', () => {
  it('is the session, read once, or null', async () => {
    expect(await (await ask('/reader', { cookie: world.alice.cookie })).json()).toEqual({ user: 'alice' })
    expect(await (await ask('/reader')).json()).toEqual({ user: null })
  })

  it('answers 503 when the store does not answer, and signs nobody out', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    const answer = await ask('/reader', { cookie: world.alice.cookie })
    expect([answer.status, await answer.json(), answer.headers.get('set-cookie')]).toMatchObject([
      503,
      { error: 'store_unavailable' },
      null,
    ])
  })
})

describe('A page', () => {
  it('is rendered for its user, and not stored', async () => {
    const navigation = {
      'sec-fetch-site': 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    const page = await ask('/account', { cookie: world.alice.cookie, ...navigation })
    expect(await page.text()).toContain('The account of alice')
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  it('that needs a session takes all others to the sign-in, and back to the page', async () => {
    const page = await ask('/account?tab=orders')
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      '/bff/login?returnTo=%2Faccount%3Ftab%3Dorders',
    ])
  })

  it('that needs a session answers 503 when the store does not answer', async () => {
    world.store.beforeRead = () => {
      throw new BffError('store_unavailable')
    }
    expect((await ask('/account', { cookie: world.alice.cookie })).status).toBe(503)
  })

  it('that Nitro caches for everybody has the session of nobody', async () => {
    const first = await (await ask('/cached', { cookie: world.alice.cookie })).text()
    expect(first).toContain('<output>unknown</output>')
    expect(first).not.toContain('alice')
    expect(await (await ask('/cached')).text()).toContain('<output>unknown</output>')
  })
})

it('A build makes no BFF, also for a page that is rendered at build time', async () => {
  const page = new URL('fixture/.output/public/about/index.html', import.meta.url)
  expect(await readFile(page, 'utf8')).toContain('<output>unknown</output>')
})

it('Nitro closes the BFF when it stops', async () => {
  const inside = globalThis as { closeNitro?: () => Promise<void>; isFixtureClosed?: boolean }
  await ask('/reader')
  expect(inside.isFixtureClosed).toBeUndefined()
  await inside.closeNitro?.()
  expect(inside.isFixtureClosed).toBe(true)
})

it('The BFF is made once, and again after a failure', async () => {
  let made = 0
  const { bff } = nuxtBff(() => {
    made++
    if (made === 1) throw new Error('The database is not there yet.')
    return world.bff
  })
  await expect(bff()).rejects.toThrow('not there yet')
  expect(await bff()).toBe(world.bff)
  expect(await bff()).toBe(world.bff)
  expect(made).toBe(2)
})
