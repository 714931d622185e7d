import { type Bff, type BffConfig, createBff, generateEncryptionKey, type MetadataSchema } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { withPartition } from '@bff/core/store'
import { memoryStore } from '@bff/store-memory'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bffPlugin, fastifyBff } from '../src/index.ts'

const CSRF = { 'x-csrf': '1' }

function bffOver<Metadata = Readonly<Record<string, unknown>>>(
  given: Partial<BffConfig<Metadata>> = {},
): Bff<Metadata> {
  return createBff({
    origin: 'http://localhost:3000',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...given,
  })
}

const shopBff = () => bffOver({ cookie: { name: 'shop' } })
const adminBff = () => bffOver({ basePath: '/admin/bff', cookie: { name: 'admin' } })

/** What a schema library would make. */
const desk: MetadataSchema<{ readonly desk: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'desk' in value && typeof value.desk === 'string'
        ? { value: { desk: value.desk } }
        : { issues: [{ message: 'No desk.' }] },
  },
}

async function cookieOf(bff: Bff, userId: string): Promise<string> {
  const { cookie } = await bff.sessions.create({ userId })
  return cookie.split(';', 1)[0] ?? ''
}

function newApp(): FastifyInstance {
  const app = fastify()
  onTestFinished(() => app.close())
  return app
}

/** Who is signed in at `path`, or the status where it is not 200. */
async function userAt(app: FastifyInstance, path: string, cookie: string): Promise<unknown> {
  const answer = await app.inject({ url: path, headers: { ...CSRF, cookie } })
  return answer.statusCode === 200 ? answer.json().user_id : answer.statusCode
}

describe('two BFFs in one app', () => {
  it('registered side by side, each serves its paths and guards the routes that name it', async () => {
    const shop = bffOver({ cookie: { name: 'shop' } })
    const admin = bffOver<{ readonly desk: string }>({
      basePath: '/admin/bff',
      cookie: { name: 'admin' },
      session: { metadata: desk },
    })
    const app = newApp()
    await app.register(bffPlugin, { bff: shop })
    await app.register(bffPlugin, { bff: admin })
    const [ofShop, ofAdmin] = [fastifyBff(shop), fastifyBff(admin)]
    app.get('/both', { onRequest: [ofShop.requireSession(), ofAdmin.requireSession()] }, (request) => {
      const session = ofAdmin.sessionOf(request)
      // Typed by the BFF: were it not, this would not compile.
      return [ofShop.sessionOf(request).userId, session.userId, session.metadata.desk.toUpperCase()]
    })
    app.get('/wrong', { onRequest: ofShop.requireSession() }, (request) => ofAdmin.sessionOf(request).userId)
    const alice = await cookieOf(shop, 'alice')
    const { cookie } = await admin.sessions.create({ userId: 'bob', metadata: { desk: 'a1' } })
    const both = `${alice}; ${cookie.split(';', 1)[0]}`
    expect(await userAt(app, '/bff/session', both)).toBe('alice')
    expect(await userAt(app, '/admin/bff/session', both)).toBe('bob')
    const answer = await app.inject({ url: '/both', headers: { ...CSRF, cookie: both } })
    expect(answer.json()).toEqual(['alice', 'bob', 'A1'])
    expect(await userAt(app, '/both', alice)).toBe(401)
    expect(await userAt(app, '/wrong', both)).toBe(500)
  })

  it('one on the app and one in a plugin, each names its own sessions', async () => {
    const [shop, admin] = [shopBff(), adminBff()]
    const app = newApp()
    await app.register(bffPlugin, { bff: shop })
    const [ofShop, ofAdmin] = [fastifyBff(shop), fastifyBff(admin)]
    app.get('/me', { onRequest: ofShop.requireSession() }, (request) => ({
      user_id: ofShop.sessionOf(request).userId,
    }))
    await app.register(
      async (child) => {
        child.get('/me', { onRequest: ofAdmin.requireSession() }, (request) => ({
          user_id: ofAdmin.sessionOf(request).userId,
        }))
        await child.register(bffPlugin, { bff: admin })
      },
      { prefix: '/admin' },
    )
    const [alice, bob] = [await cookieOf(shop, 'alice'), await cookieOf(admin, 'bob')]
    const both = `${alice}; ${bob}`
    expect(await userAt(app, '/me', both)).toBe('alice')
    expect(await userAt(app, '/admin/me', both)).toBe('bob')
    expect(await userAt(app, '/admin/me', alice)).toBe(401)
    expect(await userAt(app, '/bff/session', both)).toBe('alice')
    expect(await userAt(app, '/admin/bff/session', both)).toBe('bob')
  })

  it('each in a plugin of its own', async () => {
    const [shop, admin] = [shopBff(), adminBff()]
    const app = newApp()
    for (const [bff, prefix] of [[shop], [admin, '/admin']] as const) {
      await app.register(
        async (child) => {
          await child.register(bffPlugin, { bff })
          const { requireSession, sessionOf } = fastifyBff(bff)
          child.get('/me', { onRequest: requireSession() }, (request) => ({
            user_id: sessionOf(request).userId,
          }))
        },
        { ...(prefix !== undefined && { prefix }) },
      )
    }
    const both = `${await cookieOf(shop, 'alice')}; ${await cookieOf(admin, 'bob')}`
    expect(await userAt(app, '/bff/session', both)).toBe('alice')
    expect(await userAt(app, '/me', both)).toBe('alice')
    expect(await userAt(app, '/admin/bff/session', both)).toBe('bob')
    expect(await userAt(app, '/admin/me', both)).toBe('bob')
  })

  it('close with the app, and one that is closed alone leaves the other its part of the store', async () => {
    const shared = memoryStore()
    const shop = bffOver({ store: withPartition(shared, 'shop'), cookie: { name: 'shop' } })
    const admin = bffOver({
      store: withPartition(shared, 'admin'),
      basePath: '/admin/bff',
      cookie: { name: 'admin' },
    })
    const [one, other] = [newApp(), newApp()]
    await one.register(bffPlugin, { bff: shop })
    await other.register(bffPlugin, { bff: admin })
    const bob = await cookieOf(admin, 'bob')
    await one.ready()
    await one.close()
    expect(await userAt(other, '/admin/bff/session', bob)).toBe('bob')
    await other.close()
    await expect(admin.sessions.countActive({ userId: 'bob' })).rejects.toThrow()
    await shared.sessions.ping()
  })
})

describe('a BFF in a plugin of the app', () => {
  it('serves endpoints, plugins and proxied APIs behind the hooks of that plugin, for every method', async () => {
    const bff = bffOver({
      plugins: [
        () => ({
          endpoints: {
            '/auth/own': { methods: { GET: async () => ({ status: 204, headers: [], body: null }) } },
          },
        }),
      ],
      proxy: apiProxy({
        routes: [{ path: '/api/v1:beta', target: 'https://api.example.com', token: 'none' }],
        upstream: {
          send: async ({ method, url }) => ({
            status: 200,
            headers: [['x-sent', `${method} ${url}`]],
            body: null,
          }),
          close: async () => {},
        },
      }),
    })
    const app = newApp()
    const hooked: string[] = []
    await app.register(async (child) => {
      child.addHook('onRequest', async (request) => void hooked.push(request.url))
      await child.register(bffPlugin, { bff })
    })
    const sent = async (method: 'GET' | 'POST' | 'DELETE', url: string) =>
      (await app.inject({ method, url, headers: { ...CSRF, origin: 'http://localhost:3000' } })).headers[
        'x-sent'
      ]
    expect(await sent('GET', '/api/v1:beta/orders?a=1')).toBe('GET https://api.example.com/orders?a=1')
    expect(await sent('POST', '/api/v1:beta')).toMatch(/^POST https:\/\/api\.example\.com/)
    expect(await sent('DELETE', '/api/v1:beta/1')).toBe('DELETE https://api.example.com/1')
    expect((await app.inject({ url: '/auth/own', headers: CSRF })).statusCode).toBe(204)
    expect((await app.inject({ method: 'PUT', url: '/bff/user', headers: CSRF })).statusCode).toBe(405)
    expect((await app.inject({ url: '/bff/unknown', headers: CSRF })).json()).toMatchObject({
      error: 'not_found',
    })
    expect(hooked).toContain('/auth/own')
    expect((await app.inject({ url: '/nothing' })).statusCode).toBe(404)
    expect(hooked).not.toContain('/nothing')
  })

  it('whose prefix its paths do not begin with is refused, with the remedy', async () => {
    const app = newApp()
    await expect(
      app
        .register(async (child) => child.register(bffPlugin, { bff: shopBff() }), { prefix: '/admin' })
        .ready(),
    ).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringMatching(/\/bff.*\/admin/) })
  })

  it('names nobody on routes outside of that plugin', async () => {
    const bff = shopBff()
    const app = newApp()
    await app.register(async (child) => child.register(bffPlugin, { bff }))
    app.get('/outside', (request) => fastifyBff(bff).sessionOf(request).userId)
    const answer = await app.inject({ url: '/outside', headers: { cookie: await cookieOf(bff, 'alice') } })
    expect([answer.statusCode, answer.json().message]).toEqual([500, expect.stringContaining('bffPlugin')])
  })
})
