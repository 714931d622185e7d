import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import {
  BffError,
  createBff,
  generateEncryptionKey,
  isBffError,
  jsonReply,
  type PluginFactory,
} from '../src/index.ts'
import { openapi } from '../src/openapi/index.ts'
import { rateLimit } from '../src/rate-limit/index.ts'
import { jsonOf, ORIGIN, request, world } from './world.ts'

const CSRF = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

const rooms: PluginFactory = ({ options, clientAddress }) => ({
  endpoints: {
    [`${options.basePath}/rooms`]: { methods: { GET: async () => jsonReply(200, 'all') } },
    [`${options.basePath}/rooms/*`]: {
      methods: {
        GET: async (view) => jsonReply(200, view.target),
        DELETE: async (view) => jsonReply(200, clientAddress(view)),
      },
      csrfExempt: ['DELETE'],
    },
    '/elsewhere': {
      methods: {
        GET: async () => {
          throw new Error('secret')
        },
      },
    },
  },
})

declare module '../src/contracts/events.ts' {
  interface BffEventMap {
    'shop.sold_out': { readonly article: string; readonly severity: 'warning' }
  }
}

declare module '../src/contracts/error-codes.ts' {
  interface PluginErrorCodes {
    'shop.sold_out': 409
  }
}

/** Carries all its facts itself: its limit, its description, an event and an error code of its own. */
const shop: PluginFactory = ({ options, emit }) => ({
  endpoints: {
    [`${options.basePath}/order`]: {
      methods: {
        async POST() {
          emit({ type: 'shop.sold_out', article: 'teapot', severity: 'warning' })
          throw new BffError('shop.sold_out', 'This article is sold out. Choose another one.', {
            status: 409,
          })
        },
      },
      limit: { bucket: 'order', callers: 'api' },
      describe: () => ({
        POST: {
          operationId: 'shop-order',
          summary: 'Order an article',
          responses: { 409: { description: 'It is sold out.' } },
          schemas: { Article: { type: 'string' } },
          session: true,
        },
      }),
    },
  },
})

describe('a plugin with facts of its own', () => {
  const order = () => request('POST', '/bff/order', CSRF)

  it('answers with its own error code and status, and emits its own event', async () => {
    const { bff, events } = world({ plugins: [shop] })
    const reply = await (bff.handle(order()) ?? fail())
    expect([reply.status, jsonOf(reply)]).toEqual([
      409,
      { error: 'shop.sold_out', message: 'This article is sold out. Choose another one.' },
    ])
    expect(events).toContainEqual(expect.objectContaining({ type: 'shop.sold_out', article: 'teapot' }))
  })

  it('has its warnings written to the console where the app has no sink', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const bff = createBff({
      origin: ORIGIN,
      store: memoryStore(),
      encryptionKeys: [generateEncryptionKey()],
      plugins: [shop],
    })
    await bff.handle(order())
    expect(warn.mock.calls.map(([text]) => text)).toContain('[bff] shop.sold_out')
  })

  it('is limited in the bucket it names, also when it comes after the limit', async () => {
    const { bff } = world({ plugins: [rateLimit({ burst: 5 }), shop] })
    const statuses = await Promise.all(
      Array.from({ length: 120 }, async () => (await bff.handle(order()))?.status),
    )
    expect([409, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([100, 20])
  })

  it('is described in the document of the BFF by what it says of itself', async () => {
    const { bff } = world({ plugins: [openapi(), shop] })
    const document = jsonOf(await (bff.handle(request('GET', '/bff/openapi.json')) ?? fail()))
    expect(document.paths['/bff/order'].post).toMatchObject({
      operationId: 'shop-order',
      responses: { 409: { description: 'It is sold out.' } },
    })
    expect(document.components.schemas.Article).toEqual({ type: 'string' })
  })

  it('has its error told apart by code, and only by its own', () => {
    const error = new BffError('shop.sold_out', 'Sold out.', { status: 409 })
    expect([isBffError(error), isBffError(error, 'shop.sold_out'), isBffError(error, 'not_found')]).toEqual([
      true,
      true,
      false,
    ])
    const foreign = Object.assign(new Error('x'), { name: 'BffError', code: 'shop.sold_out' })
    expect(isBffError(foreign)).toBe(false)
  })
})

describe('a plugin', () => {
  it('answers at its own paths, with one more segment where it asks for that', async () => {
    const { bff } = world({ plugins: [rooms] })
    expect(jsonOf(await (bff.handle(request('GET', '/bff/rooms', CSRF)) ?? fail()))).toBe('all')
    expect(jsonOf(await (bff.handle(request('GET', '/bff/rooms/7?x=1', CSRF)) ?? fail()))).toBe(
      '/bff/rooms/7?x=1',
    )
    for (const path of ['/bff/rooms/7/8', '/bff/room'])
      expect(await bff.handle(request('GET', path, CSRF))).toMatchObject({ status: 404 })
    expect(bff.handle(request('GET', '/elsewhere/7', CSRF))).toBeUndefined()
  })

  it('has its requests checked for forgery unless it says that it defends itself [CSR-01]', async () => {
    const { bff } = world({ plugins: [rooms] })
    expect(await bff.handle(request('GET', '/bff/rooms'))).toMatchObject({ status: 403 })
    expect(await bff.handle(request('DELETE', '/bff/rooms/7'))).toMatchObject({ status: 200 })
    expect(await bff.handle(request('PUT', '/bff/rooms/7', CSRF))).toMatchObject({ status: 405 })
  })

  it('has its faults reported, and none of them shown', async () => {
    const { bff, events } = world({ plugins: [rooms] })
    const reply = await bff.handle(request('GET', '/elsewhere', CSRF))
    expect(reply?.status).toBe(500)
    expect(reply?.body).not.toContain('secret')
    expect(events).toContainEqual(expect.objectContaining({ type: 'request.failed', path: '/elsewhere' }))
  })

  it('stands around every request to the BFF and its APIs, the first outermost, and sees faults as replies', async () => {
    const seen: string[] = []
    const adding =
      (name: string): PluginFactory =>
      () => ({
        async middleware(_request, path, next) {
          seen.push(`${name} ${path}`)
          const reply = await next()
          seen.push(`${name} ${reply.status}`)
          return { ...reply, headers: [...reply.headers, [name, '1']] }
        },
      })
    const { bff } = world({ plugins: [adding('x-outer'), adding('x-inner'), rooms] })
    const reply = await bff.handle(request('GET', '/api/orders', CSRF))
    expect(seen).toEqual(['x-outer /api/orders', 'x-inner /api/orders', 'x-inner 401', 'x-outer 401'])
    expect(reply?.headers).toEqual(
      expect.arrayContaining([
        ['x-outer', '1'],
        ['x-inner', '1'],
      ]),
    )
    expect(bff.handle(request('GET', '/the-app'))).toBeUndefined()
    expect(seen).toHaveLength(4)
  })

  it('may answer in place of the BFF, and its own fault becomes a reply', async () => {
    const limit: PluginFactory = () => ({ middleware: async () => jsonReply(429, 'later') })
    const broken: PluginFactory = () => ({ middleware: () => Promise.reject(new Error('secret')) })
    const busy = world({ plugins: [limit] })
    expect(await busy.bff.handle(request('GET', '/bff/session', CSRF))).toMatchObject({ status: 429 })
    const failing = world({ plugins: [broken] })
    expect(await failing.bff.handle(request('GET', '/bff/session', CSRF))).toMatchObject({ status: 500 })
  })

  it('is closed with the BFF', async () => {
    let closed = 0
    const { bff } = world({ plugins: [() => ({ close: async () => void closed++ })] })
    await bff.close()
    expect(closed).toBe(1)
  })

  it('is told of what fails inside of it as a reply, also where that throws at once', async () => {
    const seen: number[] = []
    const watching: PluginFactory = () => ({
      async middleware(_request, _path, next) {
        const reply = await next()
        seen.push(reply.status)
        return reply
      },
    })
    const failing = (middleware: () => Promise<never>): PluginFactory => {
      return () => ({ middleware })
    }
    const atOnce = failing(() => {
      throw new BffError('store_unavailable')
    })
    const later = failing(async () => {
      throw new BffError('rate_limited')
    })
    for (const inner of [atOnce, later]) {
      const { bff } = world({ plugins: [watching, inner] })
      await bff.handle(request('GET', '/bff/session', CSRF))
    }
    expect(seen).toEqual([503, 429])
    const { bff } = world({ plugins: [atOnce] })
    expect(await bff.handle(request('GET', '/bff/session', CSRF))).toMatchObject({ status: 503 })
  })

  it('gets no handshake of a WebSocket, which is checked less', async () => {
    const { bff } = world({ plugins: [rooms] })
    const handshake = { ...request('GET', '/elsewhere', { origin: ORIGIN }), upgrade: true }
    expect(await bff.handle(handshake)).toMatchObject({ status: 405 })
  })

  it('keeps no store open by failing to close', async () => {
    const { store, ...rest } = world()
    let closed = 0
    const sessions = { ...store.sessions, close: async () => void closed++ }
    const broken: PluginFactory[] = [
      () => ({
        close() {
          throw new Error('at once')
        },
      }),
      () => ({ close: () => Promise.reject(new Error('later')) }),
    ]
    for (const plugin of broken) {
      const { bff } = world({ store: { ...store, sessions }, clock: rest.clock, plugins: [plugin] })
      await expect(bff.close()).rejects.toThrow(/at once|later/)
    }
    expect(closed).toBe(2)
  })

  it('cannot take a path that is taken', () => {
    const taking: PluginFactory = () => ({ endpoints: { '/bff/session': { methods: {} } } })
    expect(() => world({ plugins: [taking] })).toThrowError(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })
})

describe('clientAddress', () => {
  it('is the socket peer unless configured, for sessions and for APIs [CIP-01]', async () => {
    const { bff, store, upstream, browser } = world()
    const alice = browser()
    await alice.signIn()
    expect((await bff.sessions.list({ userId: 'alice' })).sessions[0]?.ipAddress).toBe('192.0.2.7')
    await alice.fetch('GET', '/api/orders')
    expect(upstream.requests[0]?.headers).toContainEqual(['x-forwarded-for', '192.0.2.7'])
    await store.sessions.close()
  })

  it('goes by the configuration where there is one', async () => {
    const { bff, upstream, browser } = world({ clientAddress: (view) => view.header('x-real-ip') ?? null })
    const alice = browser()
    await alice.signIn()
    expect((await bff.sessions.list({ userId: 'alice' })).sessions[0]?.ipAddress).toBeNull()
    await alice.fetch('GET', '/api/orders', { 'x-real-ip': '198.51.100.9' })
    expect(upstream.requests[0]?.headers).toContainEqual(['x-forwarded-for', '198.51.100.9'])
  })
})

function fail(): never {
  throw new Error('Not a path of the BFF.')
}
