import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { type Answer, openWorld, send } from './support/world.ts'

const NAVIGATION = {
  accept: 'text/html',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

/** To Next's router the server first tells the address with the hash of the router's headers. */
async function follow(path: string, headers: Record<string, string>): Promise<Answer> {
  const first = await send(server.origin, path, { headers })
  return first.status === 307 ? send(server.origin, String(first.headers['location']), { headers }) : first
}

/** Who asks for a link that was only rendered, or clicked in Next's own router. */
const UNOPENED: ReadonlyArray<readonly [string, Record<string, string>]> = [
  ['Next prefetches it', { 'next-router-prefetch': '1', rsc: '1' }],
  ['Next prefetches a part of it', { 'next-router-segment-prefetch': '/_tree', rsc: '1' }],
  ['Next fetches it on a click', { rsc: '1' }],
  ['the browser prefetches it', { 'sec-purpose': 'prefetch' }],
  ['the browser prerenders it', { 'sec-purpose': 'prefetch;prerender' }],
  ['an older browser prefetches it', { purpose: 'prefetch' }],
  ['a script fetches it', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
]

describe('a rendered link starts no sign-in [BFF-24]', () => {
  it.each(UNOPENED)('when %s', async (_, headers) => {
    const { bff, signIns } = openWorld()
    server.use(bff)
    const { status, headers: answer, text } = await follow('/bff/login', headers)
    expect([status, JSON.parse(text).error, signIns()]).toEqual([403, 'login_refused', 0])
    expect(answer['set-cookie']).toBeUndefined()
  })

  it('also when only the address says that Next’s router asks', async () => {
    const { bff, signIns } = openWorld()
    server.use(bff)
    expect((await send(server.origin, '/bff/login?_rsc=abc')).status).toBe(403)
    expect(signIns()).toBe(0)
  })

  it('and a person’s own navigation does', async () => {
    const { bff, signIns } = openWorld()
    server.use(bff)
    const { status, headers } = await send(server.origin, '/bff/login?returnTo=/x', { headers: NAVIGATION })
    expect([status, headers['location'], signIns()]).toEqual([303, 'https://id.example.com/authorize', 1])
    expect(headers['set-cookie']).toHaveLength(1)
  })
})

describe('a rendered link signs nobody out [LGO-18]', () => {
  async function signedIn() {
    const { bff, signIn } = openWorld()
    server.use(bff)
    const cookie = await signIn()
    const user = await send(server.origin, '/bff/user', { headers: { cookie, 'x-csrf': '1' } })
    const claims: Array<{ type: string; value: string }> = JSON.parse(user.text)
    const link = claims.find(({ type }) => type === 'bff:logout_url')?.value ?? ''
    return { cookie, link, active: () => bff.sessions.countActive({ userId: 'alice' }) }
  }

  it.each(UNOPENED)('when %s', async (_, headers) => {
    const { cookie, link, active } = await signedIn()
    const answer = await follow(link, { cookie, ...headers })
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([403, 'csrf_violation'])
    expect([answer.headers['set-cookie'], await active()]).toEqual([undefined, 1])
  })

  it('and a person’s own navigation does', async () => {
    const { cookie, link, active } = await signedIn()
    const answer = await send(server.origin, link, { headers: { cookie, ...NAVIGATION } })
    expect([answer.status, answer.headers['location'], await active()]).toEqual([303, '/', 0])
    expect(answer.headers['set-cookie']).toEqual([expect.stringContaining('Max-Age=0')])
  })
})

it('signs out to a place whose name is not in ASCII', async () => {
  const { bff } = openWorld()
  server.use(bff)
  const path = `/bff/logout?returnTo=${encodeURIComponent('/заказы?é')}`
  const answer = await send(server.origin, path, { headers: NAVIGATION })
  expect([answer.status, answer.headers['location']]).toEqual([303, encodeURI('/заказы?é')])
})

describe('signInRedirect in proxy.ts', () => {
  const guarded = (path: string, call = {}) => send(server.origin, path, call)

  it('sends a visitor without a session cookie to the sign-in, and back to where they were', async () => {
    const { status, headers } = await guarded('/guarded?page=2&q=a%20b', { headers: NAVIGATION })
    expect(status).toBe(307)
    const { pathname, searchParams } = new URL(String(headers['location']), server.origin)
    expect(pathname).toBe('/bff/login')
    expect(new URL(searchParams.get('returnTo') ?? '', server.origin).searchParams.get('q')).toBe('a b')
    expect(headers['cache-control']).toBe('no-store')
  })

  it('names no host, whatever the request says its host is', async () => {
    for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-host': 'evil.example' }]) {
      const { headers: answer } = await guarded('/guarded', { headers })
      expect(answer['location']).toBe('/bff/login?returnTo=%2Fguarded')
    }
  })

  it('leaves the router’s own mark out of the way back', async () => {
    const { headers } = await guarded('/guarded?_rsc=abc&page=2', { headers: { rsc: '1' } })
    expect(headers['location']).toBe('/bff/login?returnTo=%2Fguarded%3Fpage%3D2')
  })

  it.each(['bff', '__Host-Http-bff'])(
    'lets everything with a cookie %s pass: the page decides',
    async (name) => {
      server.use(openWorld().bff)
      const { status, text } = await guarded('/guarded', { headers: { cookie: `${name}=anything` } })
      expect([status, text.includes('signed out'), text.includes('the secret')]).toEqual([200, true, false])
    },
  )

  it('lets other methods pass to what answers them', async () => {
    server.use(openWorld().bff)
    expect((await guarded('/guarded', { method: 'POST' })).status).not.toBe(307)
  })
})
