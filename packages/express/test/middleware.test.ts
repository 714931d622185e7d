import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Bff, type BffConfig, BffError, createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { undiciUpstream } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { statusesBySite } from '@bff/test-support/statuses-by-site'
import express5, { type ErrorRequestHandler, type Express } from 'express'
import express4 from 'express4'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ErrorMiddleware, type ExpressBff, expressBff } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const CSRF = { 'x-csrf': '1' }
const DEAD_COOKIE = 'bff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

function bffOver(given: Partial<BffConfig> = {}): Bff {
  return createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...given,
  })
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function cookieOf(bff: Pick<Bff, 'sessions'>, userId = 'alice'): Promise<string> {
  const { cookie } = await bff.sessions.create({
    userId,
    tokens: { accessToken: 'the-access-token', expiresIn: 600 },
  })
  return cookie.split(';', 1)[0] ?? ''
}

const relayTo = (target: string, token: 'user' | 'none' = 'none') =>
  apiProxy({ routes: [{ path: '/api', target, token }], upstream: undiciUpstream() })

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  type Routes = (app: Express, parts: ExpressBff) => void

  /** An app with the BFF in front of `routes`, on a real port. */
  async function serving(bff: Bff, routes: Routes = () => {}): Promise<string> {
    const app = express()
    const parts = expressBff(bff)
    app.use(parts.handler)
    routes(app, parts)
    return listen(app)
  }

  it('adds no property to a request that no guard sees, which would cost V8 a hidden class', async () => {
    const seen: PropertyKey[][] = []
    const app = express()
    app.use((req, _res, next) => {
      seen.push(Reflect.ownKeys(req))
      next()
    })
    app.use(expressBff(bffOver()).handler)
    app.use((req, res) => {
      seen.push(Reflect.ownKeys(req))
      res.end()
    })
    await fetch(await listen(app))
    expect(seen[1]).toEqual(seen[0])
  })

  it('lets what a browser sends by itself pass a guard that says so, and nothing from elsewhere', async () => {
    const bff = bffOver()
    const origin = await serving(bff, (app, parts) => {
      const { requireSession, optionalSession, getSession, sessionOf } = parts
      app.get(
        '/picture',
        requireSession({ csrf: 'same-origin' }),
        (req, res) => void res.end(sessionOf(req).userId),
      )
      app.post('/form', requireSession({ csrf: 'form' }), (req, res) => void res.end(sessionOf(req).userId))
      app.get('/page', requireSession({ csrf: false }), (req, res) => void res.end(sessionOf(req).userId))
      app.get('/maybe', optionalSession({ csrf: 'same-origin' }), (req, res) => {
        res.json(getSession(req)?.userId)
      })
    })
    const cookie = await cookieOf(bff)
    expect(await statusesBySite(`${origin}/picture`, cookie)).toEqual([200, 403, 403])
    expect(await statusesBySite(`${origin}/form`, cookie, 'POST')).toEqual([200, 403, 403])
    expect(await statusesBySite(`${origin}/page`, cookie)).toEqual([200, 200, 200])
    expect(await statusesBySite(`${origin}/maybe`, cookie)).toEqual([200, 403, 403])
  })

  describe('the BFF in front of the app', () => {
    it('serves its endpoints', async () => {
      const bff = bffOver()
      const origin = await serving(bff)
      const headers = { ...CSRF, cookie: await cookieOf(bff) }
      const response = await fetch(`${origin}/bff/session`, { headers })
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
      expect(await response.json()).toMatchObject({ user_id: 'alice' })
    })

    it('leaves every other path to the app', async () => {
      const origin = await serving(
        bffOver(),
        (app) => void app.get('/hello', (_req, res) => void res.send('hello')),
      )
      expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
      expect((await fetch(`${origin}/nothing`)).status).toBe(404)
    })

    it('goes by the whole path where it is mounted below one', async () => {
      const bff = bffOver({ basePath: '/x/bff' })
      const app = express()
      app.use('/x', expressBff(bff).handler)
      const origin = await listen(app)
      expect((await fetch(`${origin}/x/bff/session`, { headers: CSRF })).status).toBe(200)
      for (const path of ['/bff/session', '/x/x/bff/session', '/x/session'])
        expect([path, (await fetch(origin + path, { headers: CSRF })).status]).toEqual([path, 404])
    })

    it('keeps two BFFs of one app apart', async () => {
      const [one, other] = [
        bffOver({ cookie: { name: 'one' } }),
        bffOver({ basePath: '/other', cookie: { name: 'two' } }),
      ]
      const app = express()
      const [first, second] = [expressBff(one), expressBff(other)]
      app.use(first.handler, second.handler)
      app.get('/both', first.optionalSession(), second.optionalSession(), (req, res) => {
        res.json([first.getSession(req)?.userId, second.getSession(req)?.userId])
      })
      app.get('/wrong', first.requireSession(), (req, res) => void res.json(second.sessionOf(req).userId))
      app.use(second.errorHandler)
      const origin = await listen(app)
      const cookie = `${await cookieOf(one, 'alice')}; ${await cookieOf(other, 'bob')}`
      const headers = { ...CSRF, cookie }
      expect(await (await fetch(`${origin}/both`, { headers })).json()).toEqual(['alice', 'bob'])
      expect((await fetch(`${origin}/wrong`, { headers })).status).toBe(500)
      expect((await fetch(`${origin}/other/session`, { headers })).status).toBe(200)
    })

    it.each(['//evil.example', '/bff/%zz', '/%', '/bff/user/../..', '/bff?%', '/bff/%00', '*'])(
      'survives the target %s [PRX-23]',
      async (target) => {
        const origin = await serving(bffOver())
        const socket = connect(Number(new URL(origin).port), '127.0.0.1')
        onTestFinished(() => void socket.destroy())
        socket.end(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
        expect((await buffer(socket)).toString()).toMatch(/^HTTP\/1\.1 4\d\d /)
        expect((await fetch(`${origin}/bff/session`)).status).toBe(403)
      },
    )

    it('keeps what earlier middleware set, cookies included', async () => {
      const app = express()
      app.use((_req, res, next) => {
        res.set('x-earlier', 'kept').set('cache-control', 'public').cookie('h', '1')
        next()
      })
      const bff = bffOver()
      app.use(expressBff(bff).handler)
      const origin = await listen(app)
      const headers = { ...CSRF, origin: ORIGIN, cookie: await cookieOf(bff) }
      const response = await fetch(`${origin}/bff/logout`, { method: 'POST', headers })
      expect([response.headers.get('x-earlier'), response.headers.get('cache-control')]).toEqual([
        'kept',
        'no-store',
      ])
      expect(response.headers.getSetCookie()).toEqual(['h=1; Path=/', expect.stringContaining('bff=;')])
    })
  })

  describe('the proxy', () => {
    it('streams a body past every parser, with the token and without the cookie [PRX-24]', async () => {
      const asked: IncomingMessage[] = []
      const target = await listen(async (req, res) => {
        asked.push(req)
        res.end(await buffer(req))
      })
      const bff = bffOver({ proxy: relayTo(target, 'user') })
      const origin = await serving(bff, (app) => void app.use(express.json()))
      const body = randomBytes(3_000_000)
      const headers = {
        ...CSRF,
        origin: ORIGIN,
        cookie: await cookieOf(bff),
        'content-type': 'application/json',
      }
      const response = await fetch(`${origin}/api/orders?x=1`, { method: 'POST', headers, body })
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
      expect(asked[0]?.url).toBe('/orders?x=1')
      expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer the-access-token' })
      expect(asked[0]?.headers.cookie).toBeUndefined()
    })

    it('a body parser that ran first is a clear error, and the API never called', async () => {
      const api = vi.fn<RequestListener>((_req, res) => void res.end())
      const app = express()
      app.use(express.json())
      app.use(expressBff(bffOver({ proxy: relayTo(await listen(api)) })).handler)
      const origin = await listen(app)
      const send = (body: string | null, type = 'application/json') =>
        fetch(`${origin}/api/orders`, {
          method: 'POST',
          headers: { ...CSRF, origin: ORIGIN, 'content-type': type },
          body,
        })
      const parsed = await send('{"a":1}')
      expect([parsed.status, await parsed.json()]).toEqual([
        500,
        { error: 'body_consumed', message: expect.stringContaining('ahead of any body parser') },
      ])
      expect(api).not.toHaveBeenCalled()
      expect((await send('untouched by that parser', 'text/plain')).status).toBe(200)
      expect((await send(null)).status).toBe(200)
    })

    it('an API that breaks off breaks the client off, and the app lives [PRX-17]', async () => {
      const target = await listen((_req, res) => void res.write('part', () => res.destroy()))
      const origin = await serving(bffOver({ proxy: relayTo(target) }))
      const response = await fetch(`${origin}/api/x`, { headers: CSRF })
      await expect(response.text()).rejects.toThrow()
      expect((await fetch(`${origin}/bff/session`)).status).toBe(403)
    })

    it('a client that leaves cancels the API [PRX-17]', async () => {
      let cut: Promise<unknown> | undefined
      const leave = new AbortController()
      const target = await listen((_req, res) => {
        cut = once(res, 'close')
        leave.abort()
      })
      const origin = await serving(bffOver({ proxy: relayTo(target) }))
      await expect(fetch(`${origin}/api/x`, { headers: CSRF, signal: leave.signal })).rejects.toThrow()
      await cut
    })
  })

  describe('routes of the app', () => {
    const routes: Routes = (
      app,
      { requireSession, optionalSession, sessionOf, getSession, errorHandler },
    ) => {
      app.get('/me', requireSession(), (req, res) => void res.json({ user: sessionOf(req).userId }))
      app.post('/me', requireSession(), express.json(), (req, res) => {
        res.json({ user: sessionOf(req).userId, got: req.body })
      })
      app.get('/maybe/:greeting', optionalSession(), (req, res) => {
        res.json([req.params.greeting, getSession(req)?.userId ?? null])
      })
      app.get('/insists', optionalSession(), (req, res) => void res.json(sessionOf(req).userId))
      app.get('/forgotten', (req, res) => void res.json(getSession(req)))
      app.get('/throws/:code', (req) => {
        throw req.params.code === 'bff' ? new BffError('token_expired') : new Error('of the app')
      })
      app.use(errorHandler)
    }

    it('requireSession lets the signed-in through [S1-25]', async () => {
      const bff = bffOver()
      const origin = await serving(bff, routes)
      const headers = {
        ...CSRF,
        origin: ORIGIN,
        cookie: await cookieOf(bff),
        'content-type': 'application/json',
      }
      expect(await (await fetch(`${origin}/me`, { headers })).json()).toEqual({ user: 'alice' })
      const response = await fetch(`${origin}/me`, { method: 'POST', headers, body: '{"a":1}' })
      expect(await response.json()).toEqual({ user: 'alice', got: { a: 1 } })
    })

    it('requireSession answers 401 as the BFF does, and leaves a dead cookie alone [S1-25]', async () => {
      const origin = await serving(bffOver(), routes)
      const response = await fetch(`${origin}/me`, { headers: CSRF })
      expect([response.status, response.headers.get('cache-control')]).toEqual([401, 'no-store'])
      expect(await response.json()).toMatchObject({ error: 'no_session' })
      const dead = await fetch(`${origin}/me`, { headers: { ...CSRF, cookie: DEAD_COOKIE } })
      expect([dead.status, dead.headers.getSetCookie()]).toEqual([401, []])
    })

    it('requireSession refuses a request without the header, before the store is asked [CSR-01]', async () => {
      const stores = memoryStore()
      const get = vi.spyOn(stores.sessions, 'get')
      const bff = bffOver({ store: stores })
      const origin = await serving(bff, routes)
      const response = await fetch(`${origin}/me`, { headers: { cookie: await cookieOf(bff) } })
      expect([response.status, (await response.json()).error]).toEqual([403, 'csrf_violation'])
      expect(get).not.toHaveBeenCalled()
    })

    it('optionalSession lets everybody through and knows who is signed in [S1-25]', async () => {
      const bff = bffOver()
      const origin = await serving(bff, routes)
      const as = async (cookie: string) =>
        (await fetch(`${origin}/maybe/hello`, { headers: { cookie } })).json()
      expect(await as(await cookieOf(bff, 'bob'))).toEqual(['hello', 'bob'])
      expect(await as('')).toEqual(['hello', null])
      expect(await as(DEAD_COOKIE)).toEqual(['hello', null])
    })

    it.each(['/me', '/maybe/hello'])(
      'an outage answers 503 on %s and leaves the cookie alone',
      async (path) => {
        const stores = memoryStore()
        const bff = bffOver({ store: stores })
        const headers = { ...CSRF, cookie: await cookieOf(bff) }
        vi.spyOn(stores.sessions, 'get').mockRejectedValue(new BffError('store_unavailable'))
        const origin = await serving(bff, routes)
        const response = await fetch(origin + path, { headers })
        expect([response.status, (await response.json()).error]).toEqual([503, 'store_unavailable'])
        expect([response.headers.getSetCookie(), response.headers.get('retry-after')]).toEqual([[], '1'])
      },
    )

    it.each(['/forgotten', '/insists'])('a session nobody guards says so on %s', async (path) => {
      const said: unknown[] = []
      const origin = await serving(bffOver(), (app, parts) => {
        const errorHandler: ErrorMiddleware = (error, _req, res, _next) => {
          said.push(error)
          res.end()
        }
        routes(app, { ...parts, errorHandler })
      })
      await fetch(origin + path)
      expect(said).toEqual([
        expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('Session') }),
      ])
    })

    it.each(['/me', '/maybe'])('a guard without its parentheses says what it takes on %s', async (path) => {
      const said: unknown[] = []
      const bff = bffOver()
      const origin = await serving(bff, (app, { requireSession, optionalSession }) => {
        app.get('/me', requireSession)
        app.get('/maybe', optionalSession)
        const errorHandler: ErrorMiddleware = (error, _req, res, _next) => {
          said.push(error)
          res.end()
        }
        app.use(errorHandler)
      })
      await fetch(origin + path, { headers: { ...CSRF, cookie: await cookieOf(bff) } })
      expect(said).toEqual([
        expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('Session()') }),
      ])
    })

    it('errorHandler answers what is of the BFF and leaves the rest to Express', async () => {
      const origin = await serving(bffOver(), (app, parts) => {
        routes(app, parts)
        const own: ErrorRequestHandler = (error, _req, res, _next) => void res.status(418).send(String(error))
        app.use(own)
      })
      const known = await fetch(`${origin}/throws/bff`)
      expect([known.status, (await known.json()).error]).toEqual([401, 'token_expired'])
      const other = await fetch(`${origin}/throws/app`)
      expect([other.status, await other.text()]).toEqual([418, 'Error: of the app'])
    })

    it('runs the hooks of the configuration [S1-24]', async () => {
      const told: string[] = []
      const bff = bffOver({
        hooks: {
          onNoSession: () => void told.push('none'),
          onSessionInvalid: () => void told.push('invalid'),
          onSessionLoad: ({ userId }) => void told.push(`load ${userId}`),
        },
      })
      const origin = await serving(bff, routes)
      for (const cookie of ['', DEAD_COOKIE, await cookieOf(bff)])
        await fetch(`${origin}/me`, { headers: { ...CSRF, cookie } })
      await fetch(`${origin}/maybe/hello`)
      expect(told).toEqual(['none', 'invalid', 'load alice'])
    })

    it('a guarded request reads the store once; one that asks nothing reads nothing', async () => {
      const stores = memoryStore()
      const bff = bffOver({ store: stores })
      const headers = { ...CSRF, cookie: await cookieOf(bff) }
      const get = vi.spyOn(stores.sessions, 'get')
      const origin = await serving(bff, (app, { requireSession, optionalSession, sessionOf }) => {
        app.get('/public', (_req, res) => void res.send('public'))
        app.get('/twice', optionalSession(), requireSession(), requireSession(), (req, res) => {
          res.send(sessionOf(req).userId)
        })
      })
      await fetch(`${origin}/public`, { headers })
      expect(get).toHaveBeenCalledTimes(0)
      expect(await (await fetch(`${origin}/twice`, { headers })).text()).toBe('alice')
      expect(get).toHaveBeenCalledTimes(1)
    })

    it('the session of one request is not that of the next on the same connection', async () => {
      const bff = bffOver()
      const origin = await serving(bff, routes)
      const alice = await cookieOf(bff)
      for (const cookie of [alice, '', alice]) {
        const response = await fetch(`${origin}/me`, {
          headers: { ...CSRF, ...(cookie !== '' && { cookie }) },
        })
        expect(response.status).toBe(cookie === '' ? 401 : 200)
        await response.text()
      }
    })
  })
})

it('types the metadata of sessions by the BFF they come from', async () => {
  const bff = createBff<{ readonly plan: string }>({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    hooks: { onSessionLoad: ({ metadata }) => void metadata.plan.length },
  })
  const { requireSession, sessionOf } = expressBff(bff)
  const app = express5()
  app.get('/plan', requireSession(), (req, res) => void res.send(sessionOf(req).metadata.plan.toUpperCase()))
  const { cookie } = await bff.sessions.create({ userId: 'alice', metadata: { plan: 'gold' } })
  const origin = await listen(app)
  const response = await fetch(`${origin}/plan`, {
    headers: { ...CSRF, cookie: cookie.split(';', 1)[0] ?? '' },
  })
  expect(await response.text()).toBe('GOLD')
})
