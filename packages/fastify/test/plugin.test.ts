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
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { bffPlugin, type FastifyBff, fastifyBff } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const CSRF = { 'x-csrf': '1' }

function bffOver(given: Partial<BffConfig> = {}): Bff {
  return createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...given,
  })
}

type Routes = (app: FastifyInstance, parts: FastifyBff) => void

/** An app with `routes`, on a real port. */
async function serving(bff: Bff, routes: Routes = () => {}): Promise<string> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(bffPlugin, { bff })
  routes(app, fastifyBff(bff))
  onTestFinished(() => app.close())
  return app.listen({ port: 0 })
}

async function api(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function cookieOf(bff: Bff, userId = 'alice'): Promise<string> {
  const { cookie } = await bff.sessions.create({
    userId,
    tokens: { accessToken: 'the-access-token', expiresIn: 600 },
  })
  return cookie.split(';', 1)[0] ?? ''
}

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
    const origin = await serving(bffOver(), (app) => void app.get('/hello', async () => 'hello'))
    expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
    expect((await fetch(`${origin}/nothing`)).status).toBe(404)
  })

  it.each(['//evil.example', '/bff/%zz', '/%', '/bff/user/../..', '/bff?%', '/bff/%00', '*'])(
    'survives the target %s [PRX-23]',
    async (target) => {
      const origin = await serving(bffOver())
      const socket = connect(Number(new URL(origin).port), new URL(origin).hostname.replace(/[[\]]/g, ''))
      onTestFinished(() => void socket.destroy())
      socket.end(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      expect((await buffer(socket)).toString()).toMatch(/^HTTP\/1\.1 4\d\d /)
      expect((await fetch(`${origin}/bff/session`)).status).toBe(403)
    },
  )

  it('keeps what earlier hooks set, cookies included', async () => {
    const bff = bffOver()
    const app = fastify()
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('x-earlier', 'kept').header('set-cookie', 'h=1').header('cache-control', 'public')
    })
    await app.register(bffPlugin, { bff })
    onTestFinished(() => app.close())
    const origin = await app.listen({ port: 0 })
    const headers = { ...CSRF, cookie: 'bff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }
    const response = await fetch(`${origin}/bff/user`, { headers })
    expect([response.headers.get('x-earlier'), response.headers.get('cache-control')]).toEqual([
      'kept',
      'no-store',
    ])
    expect(response.headers.getSetCookie()).toContain('h=1')
    await response.body?.cancel()
  })

  it('runs onResponse hooks for what the BFF answered', async () => {
    const seen = vi.fn()
    const origin = await serving(bffOver(), (app) => {
      app.addHook('onResponse', async (request, reply) => seen(request.url, reply.statusCode))
    })
    await (await fetch(`${origin}/bff/session`)).text()
    await expect.poll(() => seen).toHaveBeenCalledWith('/bff/session', 403)
  })

  it('works with inject', async () => {
    const bff = bffOver()
    const app = fastify()
    await app.register(bffPlugin, { bff })
    onTestFinished(() => app.close())
    const headers = { ...CSRF, cookie: await cookieOf(bff) }
    const response = await app.inject({ url: '/bff/session', headers })
    expect([response.statusCode, response.json().user_id]).toEqual([200, 'alice'])
  })

  it('leaves no timer behind after inject, which has no connection to close', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const app = fastify()
    await app.register(bffPlugin, { bff: bffOver() })
    onTestFinished(() => app.close())
    const response = await app.inject({ method: 'POST', url: '/bff/logout', payload: 'ignored' })
    expect(response.statusCode).toBe(403)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('closes the BFF with the app', async () => {
    const bff = bffOver()
    const close = vi.spyOn(bff, 'close')
    const app = fastify()
    await app.register(bffPlugin, { bff })
    await app.close()
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('the proxy', () => {
  it('streams a body past every parser, with the token and without the cookie [PRX-24]', async () => {
    const asked: IncomingMessage[] = []
    const target = await api(async (req, res) => {
      asked.push(req)
      res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(await buffer(req))
    })
    const bff = bffOver({
      proxy: apiProxy({ routes: [{ path: '/api', target }], upstream: undiciUpstream() }),
    })
    const origin = await serving(bff, (app) => {
      app.addContentTypeParser('*', () => {
        throw new Error('parsed')
      })
    })
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

  it('an API that breaks off breaks the client off, and the app lives [PRX-17]', async () => {
    const target = await api((_req, res) => void res.write('part', () => res.destroy()))
    const bff = bffOver({
      proxy: apiProxy({ routes: [{ path: '/api', target, token: 'none' }], upstream: undiciUpstream() }),
    })
    const origin = await serving(bff)
    const response = await fetch(`${origin}/api/x`, { headers: CSRF })
    await expect(response.text()).rejects.toThrow()
    expect((await fetch(`${origin}/bff/session`)).status).toBe(403)
  })

  it('a client that leaves cancels the API [PRX-17]', async () => {
    let cut: Promise<unknown> | undefined
    const leave = new AbortController()
    const target = await api((_req, res) => {
      cut = once(res, 'close')
      leave.abort()
    })
    const bff = bffOver({
      proxy: apiProxy({ routes: [{ path: '/api', target, token: 'none' }], upstream: undiciUpstream() }),
    })
    const origin = await serving(bff)
    await expect(fetch(`${origin}/api/x`, { headers: CSRF, signal: leave.signal })).rejects.toThrow()
    await cut
  })

  it('streams events as they come', async () => {
    let send: (text: string) => void = () => {}
    const target = await api((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      send = (text) => void res.write(text)
    })
    const bff = bffOver({
      proxy: apiProxy({ routes: [{ path: '/api', target, token: 'none' }], upstream: undiciUpstream() }),
    })
    const origin = await serving(bff)
    const response = await fetch(`${origin}/api/feed`, { headers: CSRF })
    const events = response.body?.getReader()
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event)
      expect(Buffer.from((await events?.read())?.value ?? []).toString()).toBe(event)
    }
    await events?.cancel()
  })
})

describe('routes of the app', () => {
  const routes: Routes = (app, { requireSession, getSession, sessionOf }) => {
    app.get('/me', { onRequest: requireSession() }, (request) => ({ user: sessionOf(request).userId }))
    app.post('/me', { preHandler: requireSession() }, (request) => ({
      user: sessionOf(request).userId,
      got: request.body,
    }))
    app.get('/maybe', async (request) => ({ user: (await getSession(request))?.userId ?? null }))
    app.get('/forgotten', (request) => sessionOf(request).userId)
  }

  it('requireSession lets the signed-in through', async () => {
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

  it('requireSession answers 401 as the BFF does', async () => {
    const origin = await serving(bffOver(), routes)
    const response = await fetch(`${origin}/me`, { headers: CSRF })
    expect([response.status, response.headers.get('cache-control')]).toEqual([401, 'no-store'])
    expect(await response.json()).toMatchObject({ error: 'no_session' })
  })

  it('requireSession refuses a dead cookie and leaves it alone', async () => {
    const origin = await serving(bffOver(), routes)
    const headers = { ...CSRF, cookie: 'bff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }
    const response = await fetch(`${origin}/me`, { headers })
    expect([response.status, response.headers.getSetCookie()]).toEqual([401, []])
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

  it('requireSession answers 503 in an outage and leaves the cookie alone', async () => {
    const stores = memoryStore()
    const bff = bffOver({ store: stores })
    const headers = { ...CSRF, cookie: await cookieOf(bff) }
    vi.spyOn(stores.sessions, 'get').mockRejectedValue(new BffError('store_unavailable'))
    const origin = await serving(bff, routes)
    const response = await fetch(`${origin}/me`, { headers })
    expect([response.status, (await response.json()).error]).toEqual([503, 'store_unavailable'])
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('getSession is null for nobody, and the session for somebody', async () => {
    const bff = bffOver()
    const origin = await serving(bff, routes)
    expect(await (await fetch(`${origin}/maybe`)).json()).toEqual({ user: null })
    const headers = { cookie: await cookieOf(bff, 'bob') }
    expect(await (await fetch(`${origin}/maybe`, { headers })).json()).toEqual({ user: 'bob' })
  })

  it('sessionOf on a route without a guard says what to add', async () => {
    const bff = bffOver()
    const origin = await serving(bff, routes)
    const headers = { ...CSRF, cookie: await cookieOf(bff) }
    const response = await fetch(`${origin}/forgotten`, { headers })
    expect([response.status, (await response.json()).message]).toEqual([
      500,
      expect.stringContaining('requireSession'),
    ])
  })

  it('a guarded request reads the store once; one that asks nothing reads nothing', async () => {
    const stores = memoryStore()
    const bff = bffOver({ store: stores })
    const headers = { ...CSRF, cookie: await cookieOf(bff) }
    const get = vi.spyOn(stores.sessions, 'get')
    const origin = await serving(bff, (app, parts) => {
      const { requireSession, getSession } = parts
      routes(app, parts)
      app.get('/public', async () => 'public')
      app.get('/twice', { onRequest: [requireSession(), requireSession()] }, async (request) =>
        String((await getSession(request))?.userId),
      )
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
      const response = await fetch(`${origin}/me`, { headers: { ...CSRF, ...(cookie !== '' && { cookie }) } })
      expect(response.status).toBe(cookie === '' ? 401 : 200)
      await response.text()
    }
  })
})

it('lets what a browser sends by itself pass a guard that says so, and nothing from elsewhere', async () => {
  const bff = bffOver()
  const origin = await serving(bff, (app, { requireSession, getSession, sessionOf }) => {
    app.get(
      '/picture',
      { onRequest: requireSession({ csrf: 'same-origin' }) },
      (request) => sessionOf(request).userId,
    )
    app.post('/form', { onRequest: requireSession({ csrf: 'form' }) }, (request) => sessionOf(request).userId)
    app.get('/page', { onRequest: requireSession({ csrf: false }) }, (request) => sessionOf(request).userId)
    app.get('/maybe', async (request) => String((await getSession(request, { csrf: 'same-origin' }))?.userId))
  })
  const cookie = await cookieOf(bff)
  expect(await statusesBySite(`${origin}/picture`, cookie)).toEqual([200, 403, 403])
  expect(await statusesBySite(`${origin}/form`, cookie, 'POST')).toEqual([200, 403, 403])
  expect(await statusesBySite(`${origin}/page`, cookie)).toEqual([200, 200, 200])
  expect(await statusesBySite(`${origin}/maybe`, cookie)).toEqual([200, 403, 403])
})

it('a guard without its parentheses answers 500 and says what it takes', async () => {
  const bff = bffOver()
  const app = fastify()
  await app.register(bffPlugin, { bff })
  onTestFinished(() => app.close())
  // @ts-expect-error the parentheses are missing; JavaScript would take it
  app.get('/me', { onRequest: fastifyBff(bff).requireSession }, () => 'passed')
  const answer = await app.inject({ url: '/me', headers: { ...CSRF, cookie: await cookieOf(bff) } })
  expect([answer.statusCode, answer.json().message]).toEqual([
    500,
    expect.stringContaining('requireSession()'),
  ])
})
