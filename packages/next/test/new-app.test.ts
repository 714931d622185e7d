import { apiProxy } from '@bff/core/proxy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NEW_APP, type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { ORIGIN, openWorld, send, type World } from './support/world.ts'

const CSRF = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
const NAVIGATION = {
  accept: 'text/html',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}
const sent: string[] = []

let server: NextServer
let world: World
beforeAll(async () => {
  server = await nextServer(NEW_APP)
  // Like an app, the fixture has one BFF for good.
  world = openWorld({
    basePath: '/shop/bff',
    login: { returnTo: '/shop/', errorPath: '/shop/' },
    logout: { returnTo: '/shop/' },
    proxy: apiProxy({
      routes: [{ path: '/shop/api', target: 'https://orders.internal', token: 'none' }],
      upstream: {
        async send({ method, url }) {
          sent.push(`${method} ${url}`)
          return { status: 200, headers: [], body: null }
        },
        async close() {},
      },
    }),
  })
  server.use(world.bff)
}, START_MS)
afterAll(() => server?.close())

/** Goes on where Next redirects to the same address with a slash at its end, as browsers do. */
async function ask(path: string, call: Parameters<typeof send>[2] = {}) {
  const answer = await send(server.origin, path, call)
  const { location } = answer.headers
  return answer.status === 308 ? send(server.origin, String(location), call) : answer
}

describe('below a basePath, with trailingSlash and cacheComponents', () => {
  it.each(['', '/'])('answers its endpoints, written with %j at the end', async (slash) => {
    const cookie = await world.signIn()
    const headers = { ...CSRF, cookie }
    const session = await ask(`/shop/bff/session${slash}`, { headers })
    expect([session.status, JSON.parse(session.text)]).toMatchObject([200, { user_id: 'alice' }])
    const user = await ask(`/shop/bff/user${slash}`, { headers })
    expect(user.text).toContain('/shop/bff/logout?sid=')
    const out = await ask(`/shop/bff/logout${slash}`, { method: 'POST', headers })
    expect(out.status).toBe(200)
    expect(out.headers['set-cookie']).toEqual([
      expect.stringMatching(/; Path=\/;.*Max-Age=0|Max-Age=0.*; Path=\/(;|$)/),
    ])
  })

  it('signs in: to the provider, with the callback and the way back below the basePath', async () => {
    const { status, headers } = await ask('/shop/bff/login?returnTo=/shop/orders/', { headers: NAVIGATION })
    expect([status, headers['location']]).toEqual([303, 'https://id.example.com/authorize'])
    expect(world.redirectUris.at(-1)).toBe(`${ORIGIN}/shop/bff/callback`)
    const failed = await ask('/shop/bff/callback?error=access_denied', { headers: NAVIGATION })
    expect([failed.status, failed.headers['location']]).toMatchObject([
      303,
      expect.stringMatching(/^\/shop\/\?error=/),
    ])
  })

  it('relays the API’s paths, without the slash Next adds', async () => {
    for (const path of ['/shop/api/orders?a=1', '/shop/api/orders/?a=1', '/shop/api/file.txt', '/shop/api'])
      expect((await ask(path, { headers: CSRF })).status).toBe(200)
    expect(sent).toEqual([
      'GET https://orders.internal/orders?a=1',
      'GET https://orders.internal/orders?a=1',
      'GET https://orders.internal/file.txt',
      'GET https://orders.internal/',
    ])
  })

  it('guards a route handler', async () => {
    const cookie = await world.signIn()
    expect((await ask('/shop/profile', { headers: { ...CSRF, cookie } })).text).toBe('{"user":"alice"}')
    expect((await ask('/shop/profile', { headers: CSRF })).status).toBe(401)
    expect((await ask('/shop/profile', { headers: { cookie } })).status).toBe(403)
  })

  it('tells a page of the README who is signed in, with one store read', async () => {
    const cookie = await world.signIn()
    const before = world.reads()
    const { text } = await ask('/shop/orders', { headers: { cookie } })
    expect(text).toMatch(/Hello, (<!-- -->)?alice/)
    expect(text).toContain('<title>alice</title>')
    expect(world.reads() - before).toBe(1)
    const stranger = await ask('/shop/orders')
    expect(stranger.text).not.toContain('alice')
    expect(stranger.text).toContain('url=/shop/bff/login?returnTo=/shop/orders/')
  })

  it('signInRedirect sends strangers to the sign-in below the basePath, and back to where they were', async () => {
    const { status, headers } = await ask('/shop/guarded?page=2', { headers: NAVIGATION })
    expect([status, headers['location']]).toEqual([
      307,
      '/shop/bff/login?returnTo=%2Fshop%2Fguarded%2F%3Fpage%3D2',
    ])
    const signIn = await ask(String(headers['location']), { headers: NAVIGATION })
    expect(signIn.headers['location']).toBe('https://id.example.com/authorize')
  })

  it('starts no sign-in for what Next’s router fetches', async () => {
    const before = world.signIns()
    for (const headers of [{ rsc: '1' }, { 'next-router-prefetch': '1', rsc: '1' }]) {
      let answer = await ask('/shop/bff/login/', { headers })
      if (answer.status === 307) answer = await ask(String(answer.headers['location']), { headers })
      expect(answer.status).toBe(403)
    }
    expect(world.signIns()).toBe(before)
  })
})
