import { frontends } from '@bff/core/frontends'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { openWorld, send } from './support/world.ts'

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

function open() {
  const world = openWorld()
  server.use(world.bff)
  return world
}

describe('getSession', () => {
  it('tells a page and its metadata who is signed in, with one store read and no cookie', async () => {
    const { signIn, reads } = open()
    const cookie = await signIn()
    const { status, headers, text } = await send(server.origin, '/private', { headers: { cookie } })
    expect(status).toBe(200)
    expect(text).toContain('<title>alice</title>')
    expect(text).toMatch(/private to (<!-- -->)?alice/)
    expect(headers['set-cookie']).toBeUndefined()
    expect(reads()).toBe(1)
  })

  it('is null for nobody, and for a session that was revoked, whose cookie stays', async () => {
    const { bff, signIn, reads } = open()
    expect((await send(server.origin, '/private')).text).toContain('signed out')
    expect(reads()).toBe(0)
    const cookie = await signIn()
    await bff.sessions.revokeAll({ userId: 'alice' })
    const page = await send(server.origin, '/private', { headers: { cookie } })
    expect(page.text).toContain('signed out')
    expect(page.headers['set-cookie']).toBeUndefined()
    const answer = await send(server.origin, '/bff/session', { headers: { cookie, 'x-csrf': '1' } })
    expect([answer.text, answer.headers['set-cookie']]).toEqual(['{"authenticated":false}', undefined])
  })

  it('shares nothing between renders', async () => {
    const { signIn } = open()
    const cookies = await Promise.all(['alice', 'bob', 'carol'].map(signIn))
    const asked = Array.from({ length: 30 }, (_, index) => cookies[index % 3] ?? '')
    const pages = await Promise.all(
      asked.map((cookie) => send(server.origin, '/private', { headers: { cookie } })),
    )
    expect(pages.map(({ text }) => /<title>(\w+)</.exec(text)?.[1])).toEqual(
      asked.map((_, index) => ['alice', 'bob', 'carol'][index % 3]),
    )
  })

  it('keeps what it rendered from every cache', async () => {
    const cookie = await open().signIn()
    const { headers } = await send(server.origin, '/private', { headers: { cookie } })
    expect(headers['cache-control']).toMatch(/private.*no-store/)
  })
})

describe('several frontends on one origin', () => {
  const site = { host: 'app.example.com' }

  async function signedInToBoth() {
    const all = frontends({ onEvent: () => {} })
    onTestFinished(() => all.close())
    const cookies: string[] = []
    for (const name of ['shop', 'admin']) {
      const { bff, signIn } = openWorld({ basePath: `/${name}/bff`, cookie: { name } })
      all.add(name, bff)
      cookies.push(await signIn(`user-of-${name}`))
    }
    return { all, headers: { ...site, cookie: cookies.join('; ') } }
  }

  it('a page shows who is signed in to the one it was made for, until that is removed', async () => {
    const { all, headers } = await signedInToBoth()
    for (const name of ['shop', 'admin']) {
      server.use(all.only(name))
      expect((await send(server.origin, '/private', { headers })).text).toContain(
        `<title>user-of-${name}</title>`,
      )
    }
    await all.remove('admin')
    const { text } = await send(server.origin, '/private', { headers })
    expect(text).not.toContain('user-of-')
  })

  it('a page made for all of them fails: Next does not say its path', async () => {
    const { all, headers } = await signedInToBoth()
    server.use(all)
    const { status, text } = await send(server.origin, '/private', { headers })
    expect([status, text.includes('user-of-')]).toEqual([500, false])
  })
})

describe('the Pages Router', () => {
  it('serves the BFF from an API route, and knows the session in getServerSideProps', async () => {
    const world = openWorld({ basePath: '/api/pages' })
    server.use(world.bff)
    const cookie = await world.signIn()
    const headers = { cookie, 'x-csrf': '1' }
    const answer = await send(server.origin, '/api/pages/session', { headers })
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { user_id: 'alice' }])
    expect((await send(server.origin, '/api/pages/session', { headers: { cookie } })).status).toBe(403)
    expect((await send(server.origin, '/old', { headers: { cookie } })).text).toContain('<p>alice</p>')
    expect((await send(server.origin, '/old')).text).toContain('signed out')
  })
})

describe('the Edge runtime', () => {
  it('seals, opens and finds a session with WebCrypto alone', async () => {
    const made = await send(server.origin, '/edge/make', { method: 'POST' })
    const cookie = String(made.headers['set-cookie']).split(';', 1)[0] ?? ''
    const headers = { cookie, 'x-csrf': '1' }
    const session = await send(server.origin, '/edge/bff/session', { headers })
    expect(JSON.parse(session.text)).toMatchObject({ authenticated: true, user_id: 'edgar' })
    const tokens = await send(server.origin, '/edge/tokens', { headers })
    expect(JSON.parse(tokens.text)).toEqual({ accessToken: 'the-edge-token' })
    expect((await send(server.origin, '/edge/tokens', { headers: { cookie } })).status).toBe(403)
    expect((await send(server.origin, '/edge/tokens', { headers: { 'x-csrf': '1' } })).status).toBe(401)
  })
})
